// The words that name a secret, and the compound that they stand in: "DB_PASSWORD",
// "spring.datasource.password", "clientSecret", 数据库密码.
#pragma once

#include "detectors/detector.h"
#include "detectors/labelled_secret/value.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace menshen::detectors::labelled_secret {

// Where words and commands stand that a secret follows.
[[nodiscard]] std::span<const Anchor> label_anchors() noexcept;

// Whether it names what people choose.
[[nodiscard]] bool is_password_label(std::string_view anchor) noexcept;

struct Label {
  Family family = Family::password;
  std::size_t begin = 0;  // of the compound, in the window's text
  std::size_t end = 0;
  bool weak = false;  // the compound says something more that is not known
  bool bare = false;  // nothing but the word itself
  bool han = false;
};

// Nothing where the compound names something else: a hash of the password, its length, a next
// page's token.
[[nodiscard]] std::optional<Label> read_label(const AnchorWindow& window);

}  // namespace menshen::detectors::labelled_secret
