#include "proxy/protocol/document.h"

#include <gtest/gtest.h>

#include <string>

namespace menshen::protocol {
namespace {

const Endpoint& endpoint_of(Api api) {
  for (const Endpoint& endpoint : endpoints()) {
    if (endpoint.api == api) return endpoint;
  }
  throw std::logic_error("no such endpoint");
}

TEST(Document, Smoke) {
  auto doc = Document::parse_request(
      R"({"model":"m","messages":[{"role":"user","content":"hi \u4f60 13812345678"}]})",
      endpoint_of(Api::openai_chat), {});
  ASSERT_TRUE(doc) << to_string(doc.error());
  std::string scratch;
  for (const Leaf& leaf : doc->leaves()) {
    std::cout << doc->pointer(leaf) << " = " << doc->text(leaf, scratch) << "\n";
  }
  Edits edits;
  edits.replace(doc->leaves()[1], 3, 6, "[X]", core::Place::plain);
  edits.replace(doc->leaves()[1], 7, 18, "[P]", core::Place::plain);
  EXPECT_EQ(doc->apply(edits), R"({"model":"m","messages":[{"role":"user","content":"hi [X] [P]"}]})");
}

}  // namespace
}  // namespace menshen::protocol
