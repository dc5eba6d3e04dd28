// Secrets among the arguments of commands: curl -u user:password, mysql -ppassword; and the lines
// of .pgpass.
#pragma once

#include "detectors/labelled_secret/place.h"

#include <optional>
#include <string_view>

namespace menshen::detectors::labelled_secret {

// Where the anchor (the words in small letters) is a command: its password.
[[nodiscard]] bool is_command(std::string_view anchor) noexcept;
[[nodiscard]] std::optional<Place> find_argument(const AnchorWindow& window);

}  // namespace menshen::detectors::labelled_secret
