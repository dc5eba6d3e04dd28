// Kinds of content that nobody can read here: what rules with `find: {opaque: [...]}` name, and
// what records and metrics count.
//
//   OpaqueKinds kinds = OpaqueKind::image | OpaqueKind::remote_url;    // an image by its URL
//   for (const OpaqueKind kind : all_opaque_kinds) if (kinds.has(kind)) ...
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace menshen::core {

enum class OpaqueKind : std::uint8_t {
  image,
  audio,
  video,
  file,
  encrypted_reasoning,  // what the provider alone can read and wants back: signatures too
  stored_reference,     // what the provider keeps: files, prompts, items, conversations
  token_array,          // a prompt as numbers of tokens
  hosted_tool,          // what the provider runs or searches
  remote_url,           // what the provider fetches
  other,
};
inline constexpr std::array all_opaque_kinds{OpaqueKind::image,
                                             OpaqueKind::audio,
                                             OpaqueKind::video,
                                             OpaqueKind::file,
                                             OpaqueKind::encrypted_reasoning,
                                             OpaqueKind::stored_reference,
                                             OpaqueKind::token_array,
                                             OpaqueKind::hosted_tool,
                                             OpaqueKind::remote_url,
                                             OpaqueKind::other};

[[nodiscard]] std::string_view to_string(OpaqueKind kind) noexcept;
[[nodiscard]] std::optional<OpaqueKind> opaque_kind_from(std::string_view name) noexcept;

// A set of them: one part may be of several kinds.
class OpaqueKinds {
 public:
  constexpr OpaqueKinds() noexcept = default;
  constexpr OpaqueKinds(OpaqueKind kind) noexcept  // NOLINT(google-explicit-constructor)
      : bits_(static_cast<std::uint16_t>(1U << static_cast<unsigned>(kind))) {}

  [[nodiscard]] static constexpr OpaqueKinds of_bits(std::uint16_t bits) noexcept {
    OpaqueKinds kinds;
    kinds.bits_ = bits;
    return kinds;
  }
  [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  [[nodiscard]] constexpr bool has(OpaqueKind kind) const noexcept {
    return (bits_ & OpaqueKinds(kind).bits_) != 0;
  }
  [[nodiscard]] constexpr bool has_all(OpaqueKinds other) const noexcept {
    return (other.bits_ & ~bits_) == 0;
  }
  constexpr OpaqueKinds& operator|=(OpaqueKinds other) noexcept {
    bits_ = static_cast<std::uint16_t>(bits_ | other.bits_);
    return *this;
  }
  friend constexpr OpaqueKinds operator|(OpaqueKinds a, OpaqueKinds b) noexcept { return a |= b; }
  friend constexpr bool operator==(OpaqueKinds, OpaqueKinds) noexcept = default;

 private:
  std::uint16_t bits_ = 0;
};
[[nodiscard]] constexpr OpaqueKinds operator|(OpaqueKind a, OpaqueKind b) noexcept {
  return OpaqueKinds(a) | OpaqueKinds(b);
}

}  // namespace menshen::core
