// OpenAI's API, which most inference servers speak too.
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/answers.h"
#include "proxy/protocol/openai/readers.h"
#include "proxy/protocol/openai/voice.h"
#include "proxy/protocol/openai/words.h"
#include "proxy/protocol/requests.h"

#include <array>

namespace menshen::protocol {

const Adapter& openai_adapter();

namespace openai {
namespace {

using core::Operation;

constexpr std::array endpoints{
    Endpoint{openai_adapter, Operation::chat, "POST", "/v1/chat/completions", "openai_chat",
             Streams::if_asked, read_request, read_whole_answer, read_chunk},
    Endpoint{openai_adapter, Operation::completion, "POST", "/v1/completions", "openai_completions",
             Streams::if_asked, read_request, read_whole_answer, read_chunk},
    Endpoint{openai_adapter, Operation::chat, "POST", "/v1/responses", "openai_responses",
             Streams::if_asked, read_responses_request, read_whole_answer, read_response_event},
    Endpoint{openai_adapter, Operation::embeddings, "POST", "/v1/embeddings", "openai_embeddings",
             Streams::never, read_request, read_embeddings_answer},
    Endpoint{openai_adapter, Operation::models, "GET", "/v1/models", "models"},
    Endpoint{openai_adapter, Operation::models, "GET", "/v1/models/", "model"},
};

constexpr std::array<std::string_view, 1> to_provider{"openai-beta"};
constexpr std::array<std::string_view, 3> to_client{"openai-processing-ms", "openai-version",
                                                    "x-ratelimit-*"};
constexpr std::array<std::string_view, 2> of_account{"openai-organization", "openai-project"};

class OpenAi final : public Voice {
 public:
  OpenAi()
      : Voice({.name = "openai",
               .endpoints = endpoints,
               .words = &words(),
               .credential = {"authorization", "Bearer "},
               .stream_type = "text/event-stream",
               .to_provider = to_provider,
               .to_client = to_client,
               .of_account = of_account,
               .listing_path = "/v1/models"}) {}

  // What most clients and servers speak.
  [[nodiscard]] Claim claim(const Head&) const noexcept override { return Claim::anybody; }
  [[nodiscard]] bool takes_query(const Endpoint& endpoint,
                                 std::string_view query) const noexcept override {
    return endpoint.path == facts().listing_path && is_paging_query(query);
  }
};

}  // namespace
}  // namespace openai

const Adapter& openai_adapter() {
  static const openai::OpenAi adapter;
  return adapter;
}

}  // namespace menshen::protocol
