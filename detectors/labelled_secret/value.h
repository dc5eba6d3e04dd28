// Is what stands behind a label a secret, by its shape?
#pragma once

#include <cstdint>
#include <string_view>

namespace menshen::detectors::labelled_secret {

// What the label promises: people choose passwords, machines make keys and tokens.
enum class Family : std::uint8_t { password, secret, pin };

struct Manner {
  Family family = Family::password;
  bool quoted = false;
  bool alone = true;      // no further word follows
  bool spoken = false;    // told by a sentence
  bool literal = false;   // no code stands there: an element, a line of KEY=value
  bool verbatim = false;  // nor a variable without braces: in quotes, behind 密码
  bool weak = false;  // little says that label and value belong together: only what looks random
};

// How sure one is; 0: no secret. Pure, any thread; linear in the value.
[[nodiscard]] float judge(std::string_view value, const Manner& manner);

}  // namespace menshen::detectors::labelled_secret
