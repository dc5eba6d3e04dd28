// Which model has which encoding, as OpenAI publishes it with tiktoken.
#include "proxy/protocol/tokens/encoding.h"

namespace menshen::protocol::tokens {

std::string_view cl100k_base();
std::string_view o200k_base();

namespace {

constexpr SpecialToken cl100k_special[] = {{100257, "<|endoftext|>"},  {100258, "<|fim_prefix|>"},
                                           {100259, "<|fim_middle|>"}, {100260, "<|fim_suffix|>"},
                                           {100264, "<|im_start|>"},   {100265, "<|im_end|>"},
                                           {100266, "<|im_sep|>"},     {100276, "<|endofprompt|>"}};
constexpr SpecialToken o200k_special[] = {{199999, "<|endoftext|>"}, {200018, "<|endofprompt|>"}};

enum class Also : std::uint8_t { nothing, dated };
struct Model {
  std::string_view name;
  const Encoding& (*encoding)();
  Also also;  // dated: names that go on with a hyphen are of the model, too
};
constexpr Model models[] = {
    {"text-embedding-3-small", cl100k_encoding, Also::nothing},
    {"text-embedding-3-large", cl100k_encoding, Also::nothing},
    {"text-embedding-ada-002", cl100k_encoding, Also::nothing},
    {"davinci-002", cl100k_encoding, Also::nothing},
    {"babbage-002", cl100k_encoding, Also::nothing},
    {"gpt-3.5-turbo", cl100k_encoding, Also::dated},
    {"gpt-4", cl100k_encoding, Also::dated},
    {"gpt-4o", o200k_encoding, Also::dated},
    {"gpt-4.1", o200k_encoding, Also::dated},
    {"gpt-5", o200k_encoding, Also::dated},
    {"o1", o200k_encoding, Also::dated},
    {"o3", o200k_encoding, Also::dated},
    {"o4-mini", o200k_encoding, Also::dated},
};

}  // namespace

const Encoding& cl100k_encoding() {
  static const Encoding encoding(Split::cl100k, cl100k_base(), cl100k_special);
  return encoding;
}

const Encoding& o200k_encoding() {
  static const Encoding encoding(Split::o200k, o200k_base(), o200k_special);
  return encoding;
}

const Encoding* encoding_of(std::string_view model) {
  constexpr std::string_view provider = "openai/";
  if (model.starts_with(provider)) model.remove_prefix(provider.size());
  for (const Model& known : models) {
    if (!model.starts_with(known.name)) continue;
    const std::string_view rest = model.substr(known.name.size());
    if (rest.empty() || (known.also == Also::dated && rest.starts_with("-")))
      return &known.encoding();
  }
  return nullptr;
}

}  // namespace menshen::protocol::tokens
