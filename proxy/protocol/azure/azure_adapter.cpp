// OpenAI's API as Azure has it: the deployment stands in the path, the version in the query.
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/answers.h"
#include "proxy/protocol/openai/readers.h"
#include "proxy/protocol/openai/voice.h"
#include "proxy/protocol/openai/words.h"
#include "proxy/protocol/requests.h"

#include <algorithm>
#include <array>

namespace menshen::protocol {

const Adapter& azure_adapter();

namespace azure {
namespace {

using core::Operation;
using openai::read_chunk;
using openai::read_embeddings_answer;

constexpr std::array endpoints{
    Endpoint{azure_adapter, Operation::chat, "POST", "/openai/deployments/{model}/chat/completions",
             "azure_chat", Streams::if_asked, read_request, read_whole_answer, read_chunk},
    Endpoint{azure_adapter, Operation::completion, "POST",
             "/openai/deployments/{model}/completions", "azure_completions", Streams::if_asked,
             read_request, read_whole_answer, read_chunk},
    Endpoint{azure_adapter, Operation::embeddings, "POST", "/openai/deployments/{model}/embeddings",
             "azure_embeddings", Streams::never, read_request, read_embeddings_answer},
};

constexpr std::array<std::string_view, 1> to_provider{"x-ms-client-request-id"};
constexpr std::array<std::string_view, 5> to_client{"openai-processing-ms", "openai-version",
                                                    "x-ratelimit-*", "apim-request-id",
                                                    "x-ms-client-request-id"};

// "2024-10-21", "2025-04-01-preview", "preview", "latest", "v1": nothing else can be a version, and
// nothing that anybody would hide fits.
bool is_version(std::string_view text) noexcept {
  constexpr std::string_view date = "dddd-dd-dd";
  if (text == "preview" || text == "latest" || text == "v1") return true;
  const std::string_view rest = text.substr(std::min(date.size(), text.size()));
  return text.size() >= date.size() && (rest.empty() || rest == "-preview") &&
         std::equal(date.begin(), date.end(), text.begin(), [](char form, char c) {
           return form == 'd' ? c >= '0' && c <= '9' : c == form;
         });
}

class Azure final : public openai::Voice {
 public:
  Azure()
      : Voice({.name = "azure",
               .endpoints = endpoints,
               .words = &openai::words(),
               .credential = {"api-key", ""},
               .stream_type = "text/event-stream",
               .to_provider = to_provider,
               .to_client = to_client,
               .listing_path = {}}) {}

  [[nodiscard]] Claim claim(const Head& head) const noexcept override {
    return head.path.starts_with("/openai/") ? Claim::own : Claim::none;
  }
  [[nodiscard]] bool takes_query(const Endpoint&, std::string_view query) const noexcept override {
    constexpr std::string_view name = "api-version=";
    return query.starts_with(name) && is_version(query.substr(name.size()));
  }
};

}  // namespace
}  // namespace azure

const Adapter& azure_adapter() {
  static const azure::Azure adapter;
  return adapter;
}

}  // namespace menshen::protocol
