// OpenAI's voice, which is Azure's too.
#pragma once

#include "proxy/protocol/adapter.h"

namespace menshen::protocol::openai {

// {"error":{"message","type","param","code","exchange"}}
class Voice : public Adapter {
 public:
  using Adapter::Adapter;

  [[nodiscard]] std::string error_body(const core::Error& error,
                                       std::string_view exchange) const override;
  [[nodiscard]] std::string error_event(const Endpoint& endpoint, const core::Error& error,
                                        std::string_view exchange) const override;
  [[nodiscard]] std::string_view ping() const noexcept override;
  [[nodiscard]] std::string scores_event(const Endpoint& endpoint,
                                         const Judgement& judgement) const override;
  [[nodiscard]] std::string provider_error_body(unsigned status, const core::Error& error,
                                                std::string_view exchange) const override;
  [[nodiscard]] std::string provider_error_event(const Endpoint& endpoint, unsigned status,
                                                 std::string_view body, RetryHint retry,
                                                 std::string_view exchange) const override;
  [[nodiscard]] core::Result<std::vector<std::string>> parse_model_list(
      std::string_view body) const override;
  [[nodiscard]] std::string model_list(std::span<const std::string> ids) const override;
  [[nodiscard]] std::string model_object(std::string_view id) const override;
};

}  // namespace menshen::protocol::openai
