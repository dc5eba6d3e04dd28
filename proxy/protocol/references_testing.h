// For tests of what a request refers to: requests with given fields, and how much of one is opaque.
#pragma once

#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace menshen::protocol::testing {

inline core::Result<Document> request(const std::string& fields,
                                      std::string_view api = "openai_chat") {
  return Document::parse_request(R"({"model":"m",)" + fields + "}", endpoint_of(api), {});
}

inline std::size_t opaque_count(const Document& document) {
  const auto leaves = document.leaves();
  return static_cast<std::size_t>(std::count_if(leaves.begin(), leaves.end(), [](const Leaf& leaf) {
    return leaf.kind == LeafKind::opaque;
  }));
}

inline void expect_opaque(const std::string& fields, bool opaque) {
  for (const std::string_view api : {"openai_chat", "openai_responses", "anthropic_messages"}) {
    const auto document = request(fields, api);
    ASSERT_TRUE(document) << fields << to_string(document.error());
    EXPECT_EQ(opaque_count(*document) > 0, opaque) << fields << describe(*document);
  }
}

}  // namespace menshen::protocol::testing
