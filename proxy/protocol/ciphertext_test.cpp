// Encoded data is scanned like any text; in ciphertext, where an API has it, only secrets are
// looked for.
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>

namespace menshen::protocol {
namespace {

using testing::endpoint_of;

// As evenly mixed as what was encrypted; `letters` are those of base64.
std::string mixed(std::size_t size, std::string_view letters) {
  std::string out;
  std::uint64_t state = 88172645463325252;
  while (out.size() < size) {
    state = state * 6364136223846793005 + 1442695040888963407;
    out.push_back(letters[(state >> 40U) % letters.size()]);
  }
  return out;
}
constexpr std::string_view standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The document's texts, with "sealed" behind what is ciphertext.
std::string texts_of(const core::Result<Document>& document) {
  std::string scratch;
  std::string out;
  for (const Leaf& leaf : document->leaves()) {
    if (leaf.kind != LeafKind::text) continue;
    out.append(document->text(leaf, scratch)).append(leaf.returned ? " sealed|" : "|");
  }
  return out;
}

std::string texts_at_reasoning(const std::string& value, const core::Limits& limits = {}) {
  return texts_of(Document::parse_request(
      R"({"model":"m","input":[{"type":"reasoning","encrypted_content":")" + value + "\"}]}",
      endpoint_of("openai_responses"), limits));
}

// A text in escapes, as a writer may write it that nobody asked.
std::string in_escapes(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.append("\\u00").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
  }
  return out;
}

std::string times(std::size_t count, std::string_view text) {
  std::string out;
  while (count-- > 0) out.append(text);
  return out;
}

// What can be read there is read.
TEST(Returned, IsScannedUnlessItIsCiphertext) {
  EXPECT_EQ(texts_at_reasoning("my mail is a@b.example"), "m|my mail is a@b.example|");
  for (const std::string& text :
       {times(100, "a@b.example "), times(100, "card-4111-1111-1111-"), times(150, "AKIA")})
    EXPECT_EQ(texts_at_reasoning(text), "m|" + text + "|");
  EXPECT_EQ(texts_at_reasoning(in_escapes(times(100, "a@b.example "))),
            "m|" + times(100, "a@b.example ") + "|");
}

TEST(Returned, IsLookedThroughForSecretsAloneWhereItIsCiphertext) {
  core::Limits limits;
  for (const std::string_view letters : {standard, for_urls}) {
    const std::string data = mixed(1024, letters);
    EXPECT_EQ(texts_at_reasoning(data), "m|" + data + " sealed|");
    EXPECT_EQ(texts_at_reasoning(data.substr(0, 1022) + "=="),
              "m|" + data.substr(0, 1022) + "== sealed|");
    // Words, numbers, escapes, both alphabets, or nothing of base64 in it.
    for (const std::string& told :
         {data.substr(0, 512) + times(16, "word") + data.substr(576),
          data.substr(0, 500) + "z13800138000z" + data.substr(513), data.substr(0, 1020) + "-+/_",
          data.substr(0, 1021), data.substr(0, 500) + "=" + data.substr(501), data.substr(0, 511)})
      EXPECT_EQ(texts_at_reasoning(told), "m|" + told + "|");
    EXPECT_EQ(texts_at_reasoning(in_escapes(data)), "m|" + data + "|");
    limits.encrypted_reasoning_bytes_max = 1023;
    EXPECT_EQ(texts_at_reasoning(data, limits), "m|" + data + "|");
  }
}

// Whether the string in this part of a message is read in full, and not for secrets alone.
bool is_read(const std::string& before, const std::string& data, const std::string& behind) {
  const auto document = Document::parse_request(
      R"({"model":"m","messages":[{"role":"user","content":[)" + before + data + behind + "]}]}",
      endpoint_of("openai_chat"), {});
  return texts_of(document).find(data + "|") != std::string::npos;
}

// Media are base64, in which detectors find values by chance; what is not is read, and so is
// everything long that stands elsewhere.
TEST(Opaque, IsReadUnlessItIsWhatMediaAreMadeOf) {
  const std::string data = mixed(1024, standard);
  std::string words;
  while (words.size() < 1024) words += "card-4111-1111-1111-1111-ssn-123-45-6789-";
  const std::pair<std::string, std::string> media[] = {
      {R"({"type":"image_url","image_url":{"url":")", "\"}}"},
      {R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)", "\"}}"},
      {R"({"type":"redacted_thinking","data":")", "\"}"}};
  for (const auto& [before, behind] : media) {
    EXPECT_FALSE(is_read(before, data, behind)) << before;
    EXPECT_TRUE(is_read(before, words, behind)) << before;
  }
  EXPECT_TRUE(is_read(R"({"type":"hologram","bits":")", data, "\"}"));
  EXPECT_TRUE(is_read(R"({"type":"x","audio":{"id":"a","note":")", data, "\"}}"));
}

TEST(Embeddings, InBase64AreLookedThroughForSecrets) {
  const auto texts = [](const std::string& vector) {
    return texts_of(Document::parse_response(
        R"({"object":"list","data":[{"object":"embedding","embedding":")" + vector + "\"}]}",
        endpoint_of("openai_embeddings"), 200, {}));
  };
  const std::string data = mixed(1024, standard);
  EXPECT_EQ(texts(data), data + " sealed|");
  EXPECT_EQ(texts(std::string(600, 'A') + "sk"), std::string(600, 'A') + "sk|");
}

}  // namespace
}  // namespace menshen::protocol
