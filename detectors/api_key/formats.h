// The forms of API keys: a prefix or a mark that the issuer chose, and characters of one set around
// it, as the issuer's documentation or its keys show them.
#pragma once

#include "core/finding.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors::api_key {

// A prefix, then characters of a set.
struct Format {
  const core::FindingType* type;
  std::string_view prefix;
  std::uint16_t set;      // token_set bits of what follows
  std::size_t bytes_min;  // of what follows
  std::size_t bytes_max;  // 0: no bound, the key is followed to its end
  float confidence;
  bool (*form)(std::string_view key) = nullptr;  // what else holds of what follows; null: nothing
  bool letters_alone = false;                    // it may have no digit

  // So rare a prefix, and so exact a length, that the key is told where a letter touches it.
  [[nodiscard]] constexpr bool stands_glued() const noexcept {
    constexpr std::size_t rare = 4;
    return bytes_min == bytes_max && prefix.size() >= rare &&
           prefix.find_first_of("_-.") != std::string_view::npos;
  }
};

// Characters, a mark, characters.
struct MarkedFormat {
  const core::FindingType* type;
  std::string_view mark;
  std::uint16_t before_set;
  std::size_t before_min;
  std::size_t before_max;
  std::uint16_t after_set;
  std::size_t after_min;
  std::size_t after_max;
  float confidence;
};

// Of the files *_formats.cpp.
[[nodiscard]] std::span<const Format> model_formats() noexcept;
[[nodiscard]] std::span<const Format> source_formats() noexcept;
[[nodiscard]] std::span<const Format> cloud_formats() noexcept;
[[nodiscard]] std::span<const Format> service_formats() noexcept;
[[nodiscard]] std::span<const Format> trade_formats() noexcept;
[[nodiscard]] std::span<const MarkedFormat> marked_formats() noexcept;

// All with a prefix. Any thread.
[[nodiscard]] const std::vector<Format>& formats();

namespace types {
extern const core::FindingType openai;
extern const core::FindingType anthropic;
extern const core::FindingType llm;
extern const core::FindingType github;
extern const core::FindingType gitlab;
extern const core::FindingType google;
extern const core::FindingType slack;
extern const core::FindingType stripe;
extern const core::FindingType huggingface;
extern const core::FindingType aliyun;
extern const core::FindingType tencent;
extern const core::FindingType azure;
extern const core::FindingType other;
}  // namespace types
[[nodiscard]] std::span<const core::FindingType* const> all_types() noexcept;

// Parts between dots of just these lengths: has_parts("ab.c", {2, 1}).
[[nodiscard]] bool has_parts(std::string_view key,
                             std::initializer_list<std::size_t> bytes) noexcept;

}  // namespace menshen::detectors::api_key
