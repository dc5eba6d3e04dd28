// Bodies and streams of each kind of content whose cost must be a line, with `count` addresses in
// each: what the test that counts and the benchmark that measures share.
#pragma once

#include "proxy/pipeline/testing.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline::testing {

inline std::string repeated(std::size_t count,
                            const std::function<std::string(std::size_t)>& piece) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece(i);
  return out;
}

inline std::string address(std::size_t i) { return "user" + std::to_string(i) + "@corp.example"; }

// One string of lines with escaped ends.
inline std::string body_of_rows(std::size_t count) {
  return R"({"model":"m","messages":[{"role":"user","content":")" +
         repeated(count,
                  [](std::size_t i) { return std::to_string(i) + "," + address(i) + "\\n"; }) +
         R"("}]})";
}

// As many content parts.
inline std::string body_of_parts(std::size_t count) {
  return R"({"model":"m","messages":[{"role":"user","content":[)" +
         repeated(count,
                  [](std::size_t i) {
                    return std::string(i > 0 ? "," : "") + R"({"type":"text","text":"a\n)" +
                           address(i) + R"("})";
                  }) +
         "]}]}";
}

// An answer whose logprobs are one text in pieces; each address spans three of them.
inline std::string answer_of_pieces(std::size_t count) {
  const auto token = [](const std::string& text) { return R"({"token":")" + text + R"("},)"; };
  std::string tokens = repeated(count, [&](std::size_t i) {
    return token("user" + std::to_string(i)) + token("@corp") + token(".example\\n");
  });
  tokens.pop_back();
  return R"({"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},)"
         R"("logprobs":{"content":[)" +
         tokens + "]}}]}";
}

// A stream in which each address spans two events.
inline std::vector<Delta> deltas_of_events(std::size_t count) {
  std::vector<Delta> deltas;
  for (std::size_t i = 0; i < count; ++i) {
    deltas.push_back({0, Field::content, "user" + std::to_string(i) + "@corp"});
    deltas.push_back({0, Field::content, ".example and "});
  }
  return deltas;
}

// One text waits for the end of a word that never ends, in single letters; another goes on.
inline std::vector<Delta> deltas_behind_a_word(std::size_t count) {
  std::vector<Delta> deltas;
  for (std::size_t i = 0; i < count; ++i) {
    deltas.push_back({0, Field::content, "x"});
    deltas.push_back({1, Field::content, address(i) + " and "});
  }
  return deltas;
}

}  // namespace menshen::pipeline::testing
