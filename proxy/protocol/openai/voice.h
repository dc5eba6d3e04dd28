// OpenAI's voice, which is Azure's too.
#pragma once

#include "proxy/protocol/adapter.h"

#include <array>

namespace menshen::protocol::openai {

inline constexpr std::array<std::string_view, 2> to_provider{"openai-beta", "x-request-id"};
inline constexpr std::array<std::string_view, 13> to_client{"retry-after",
                                                            "x-request-id",
                                                            "request-id",
                                                            "openai-processing-ms",
                                                            "openai-version",
                                                            "x-ratelimit-limit-requests",
                                                            "x-ratelimit-limit-tokens",
                                                            "x-ratelimit-remaining-requests",
                                                            "x-ratelimit-remaining-tokens",
                                                            "x-ratelimit-reset-requests",
                                                            "x-ratelimit-reset-tokens",
                                                            "x-should-retry",
                                                            "retry-after-ms"};

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
