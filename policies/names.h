// Names that others compare, see and log: what characters they may have. For policies, and for the
// command line, which gives out the groups that policies name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace menshen::policies {

// Letters of any script, digits 0 to 9, '_', '-' and '.', each letter in the form that Unicode's
// NFKC leaves alone: so an id is written in one way, shows all of itself, and needs no quotes
// anywhere. The empty text is one.
[[nodiscard]] bool is_id(std::string_view text) noexcept;

// The id that somebody meant who wrote this one in other forms ("ＰＩＩ"); empty: none.
[[nodiscard]] std::string id_meant(std::string_view text);

// Whether it has control characters, or characters that show nothing.
[[nodiscard]] bool hides_something(std::string_view text) noexcept;

// Its canonical form (NFC), as which it must be written; the text itself where it is so.
[[nodiscard]] std::string composed(const std::string& text);

// Why a group cannot be called so, and how it is meant, if that can be told.
struct WrongName {
  std::string_view why;
  std::string meant;
};
[[nodiscard]] std::optional<WrongName> wrong_group(const std::string& name);

}  // namespace menshen::policies
