// The way back of pseudonyms on hostile texts, cut anywhere: what was called by pseudonyms is as it
// was, JSON stays JSON, and nothing is restored that the exchange has not. The canary loses a
// placeholder that lies across a cut and must be caught.
#include "core/fuzz_canary.h"
#include "proxy/pipeline/numbering.h"
#include "proxy/pipeline/restore.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fuzzer/FuzzedDataProvider.h>
#include <string>
#include <vector>

namespace {

using namespace menshen;
using namespace menshen::pipeline;
using Json = nlohmann::ordered_json;

constexpr core::FindingType mail{"email", core::Category::pii, "EMAIL", "for tests"};
constexpr core::FindingType key{"api_key", core::Category::secret, "API_KEY", "for tests"};

void require(bool held) {
  if (!held) std::abort();
}

// Pieces of what models write around and in placeholders, and any other ASCII.
std::string text_from(FuzzedDataProvider& data) {
  static constexpr std::string_view pieces[] = {"<EMAIL_7>",
                                                "&lt;email_7&gt;",
                                                "EMAIL_7",
                                                "[API_KEY_7]",
                                                "%3CAPI%5FKEY_7%3E",
                                                "{EMAIL-7}",
                                                "\\<",
                                                "\\_",
                                                "\\u003c",
                                                "\\u003e",
                                                "\\",
                                                "\"",
                                                "{\"a\":\"",
                                                "\"}",
                                                "[\"",
                                                "\"]",
                                                "\n",
                                                "`",
                                                "**",
                                                "_",
                                                "\xef\xbc\x9c",
                                                "\xe3\x80\x90",
                                                "EMAIL",
                                                "7"};
  std::string text;
  const auto count = data.ConsumeIntegralInRange<std::size_t>(0, 12);
  for (std::size_t i = 0; i < count; ++i) {
    if (data.ConsumeBool()) {
      text += data.PickValueInArray(pieces);
      continue;
    }
    for (const char c : data.ConsumeRandomLengthString(8)) {
      text.push_back(static_cast<char>(0x20 + (static_cast<unsigned char>(c) % 95)));
    }
  }
  return text;
}

// Numbers 7 and, after reserve_all, none.
struct Given {
  explicit Given(const std::string& value) {
    for (std::uint32_t number = 1; number < 7; ++number) {
      given.reserve("EMAIL", number);
      given.reserve("API_KEY", number);
    }
    require(given.of(mail, value) == "<EMAIL_7>");
    require(given.of(key, value) == "<API_KEY_7>");
  }

  Pseudonyms given{2};
};

std::string restored(const Pseudonyms& given, const std::string& text, protocol::LeafKind kind,
                     std::vector<std::size_t> cuts) {
  Tally tally;
  Restorer restorer(given, tally);
  const auto transform = restorer.maker()({kind, core::Role::assistant, true});
  std::vector<TextEdit> edits;
  std::size_t settled = 0;
  std::size_t from = 0;
  cuts.push_back(text.size());
  for (const std::size_t cut : cuts) {
    const std::size_t before = edits.size();
    require(transform->feed(std::string_view(text).substr(from, cut - from), edits).has_value());
    for (std::size_t i = before; i < edits.size(); ++i) require(edits[i].begin >= settled);
    require(transform->settled() >= settled && transform->settled() <= cut);
    settled = transform->settled();
    require(cut - settled <= PlaceholderReader::hold_back_max(restorer.tags()));
    from = cut;
  }
  require(transform->finish(edits).has_value());
  std::string out;
  std::size_t done = 0;
  for (const TextEdit& edit : edits) {
    require(edit.begin >= done && edit.end > edit.begin && edit.end <= text.size());
    const bool lost = core::fuzz_canary && std::ranges::any_of(cuts, [&](std::size_t cut) {
                        return cut > edit.begin && cut < edit.end;
                      });
    out.append(text, done, lost ? edit.end - done : edit.begin - done);
    if (!lost) out.append(edit.replacement);
    done = edit.end;
  }
  return out.append(text, done);
}

std::vector<std::size_t> cuts_from(FuzzedDataProvider& data) {
  std::vector<std::size_t> cuts(data.ConsumeIntegralInRange<std::size_t>(0, 6));
  for (std::size_t& cut : cuts) cut = data.ConsumeIntegral<std::uint16_t>();
  return cuts;
}

std::vector<std::size_t> in_text(std::vector<std::size_t> cuts, const std::string& text) {
  for (std::size_t& cut : cuts) cut %= text.size() + 1;
  std::ranges::sort(cuts);
  return cuts;
}

// What the request said, with values between what is written, comes back as it was.
void check_identity(FuzzedDataProvider& data, const std::vector<std::size_t>& cuts) {
  static constexpr std::string_view values[] = {"bob@corp.example", "13800138000", "\u5f20\u4e09"};
  std::string said;
  std::vector<std::string> between;
  for (std::size_t i = 0; i < 3; ++i) between.push_back(text_from(data) + " ");
  for (std::size_t i = 0; i < 3; ++i) said += between[i] + std::string(values[i]) + " ";
  Pseudonyms given(10);
  const PlaceholderTags tags({"EMAIL", "API_KEY"});
  std::vector<Placeholder> written;
  PlaceholderReader reader(tags, false);
  reader.feed(said, written);
  reader.finish(written);
  for (const Placeholder& placeholder : written) given.reserve(placeholder.tag, placeholder.number);
  std::string told;
  for (std::size_t i = 0; i < 3; ++i)
    told += between[i] + given.of(i == 1 ? key : mail, values[i]) + " ";
  require(restored(given, told, protocol::LeafKind::text, in_text(cuts, told)) == said);
}

void check_json(FuzzedDataProvider& data, const std::vector<std::size_t>& cuts) {
  const Given of(text_from(data));
  Json said = Json::object();
  const auto depth = data.ConsumeIntegralInRange<int>(1, 5);
  for (int i = 0; i < depth; ++i) {
    Json next{{"a", text_from(data)}, {text_from(data), Json::array({text_from(data), 7})}};
    next["d"] = i == 0 ? said : Json(said.dump());
    said = std::move(next);
  }
  const std::string text = said.dump();
  const auto kind = protocol::LeafKind::json_text;
  const std::string whole = restored(of.given, text, kind, {});
  require(Json::accept(whole));
  require(restored(of.given, text, kind, in_text(cuts, text)) == whole);
}

// Numbers that are nobody's: none, and 7 with a digit behind it.
void check_others(FuzzedDataProvider& data, const std::vector<std::size_t>& cuts) {
  const Given of("a value");
  std::string text;
  const bool longer = data.ConsumeBool();
  for (const char c : text_from(data)) {
    if (c != '7') text.push_back(c);
    if (c == '7' && longer) text += "70";
  }
  for (const auto kind : {protocol::LeafKind::text, protocol::LeafKind::json_text}) {
    require(restored(of.given, text, kind, in_text(cuts, text)) == text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  const std::vector<std::size_t> cuts = cuts_from(data);
  switch (data.ConsumeIntegralInRange<int>(0, 3)) {
    case 0: check_identity(data, cuts); break;
    case 1: check_others(data, cuts); break;
    case 2: check_json(data, cuts); break;
    default: {
      const Given of(text_from(data));
      const std::string text = text_from(data);
      const auto kind = protocol::LeafKind::text;
      require(restored(of.given, text, kind, in_text(cuts, text)) ==
              restored(of.given, text, kind, {}));
    }
  }
  return 0;
}
