#include "deploy/demo-core/reply.h"

#include <algorithm>
#include <string_view>

#include <numeric>

namespace menshen::demo_core {
namespace {

constexpr std::size_t piece_characters_max = 5;

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

bool asks_for_a_contact(std::string_view text) {
  constexpr std::string_view wanted = "show me a contact";
  const auto equal = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), equal) != text.end();
}

std::string answer_text(const Prompt& prompt) {
  if (asks_for_a_contact(prompt.text)) {
    return "You can reach Wei Chen at wei.chen@example.com or on +86 138 1234 5678.";
  }
  if (prompt.text.find("给我一个联系人") != std::string::npos) {
    return "联系人陈伟，邮箱 wei.chen@example.com，手机 13812345678。";
  }
  const char* opening = prompt.from_tool ? "The tool said: " : "The core received: ";
  return opening + prompt.text;
}

}  // namespace

std::vector<std::string> pieces_of(std::string_view text) {
  std::vector<std::string> pieces;
  std::size_t characters = 0;
  for (const char byte : text) {
    const bool character = starts_character(byte);
    if (pieces.empty() || (character && (byte == ' ' || characters == piece_characters_max))) {
      pieces.emplace_back();
      characters = 0;
    }
    pieces.back() += byte;
    if (character) ++characters;
  }
  return pieces;
}

std::string join(const std::vector<std::string>& pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), std::string());
}

Reply make_reply(const Prompt& prompt, int choice) {
  Reply reply;
  reply.input_tokens = pieces_of(prompt.text).size();
  if (prompt.reasoning) reply.reasoning = pieces_of("I was asked this: " + prompt.text);
  if (prompt.tool.empty()) {
    const std::string label = choice == 0 ? "" : "Answer " + std::to_string(choice + 1) + ": ";
    reply.text = pieces_of(label + answer_text(prompt));
  } else {
    reply.tool = prompt.tool;
    reply.arguments = pieces_of(Json{{"query", prompt.text}}.dump());
  }
  reply.output_tokens = reply.text.size() + reply.reasoning.size() + reply.arguments.size();
  return reply;
}

Reply fixed_reply(const FixedReply& fixed) {
  constexpr std::string_view prose =
      "A gateway reads what passes and changes as little as it can. ";
  std::string text = fixed.opening;
  while (text.size() < fixed.bytes) text += prose;
  text.resize(fixed.bytes);
  Reply reply;
  reply.text = pieces_of(text);
  reply.input_tokens = 1;
  reply.output_tokens = reply.text.size();
  return reply;
}

}  // namespace menshen::demo_core
