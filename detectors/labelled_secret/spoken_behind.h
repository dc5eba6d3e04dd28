// Secrets whose label stands behind them: "hunter2x is my password", xK9#pQ2是密码.
#pragma once

#include "detectors/labelled_secret/value.h"

#include <optional>
#include <string_view>

namespace menshen::detectors::labelled_secret {

// What a phrase behind a value (values/behind.h) calls it; nothing where it is not called a secret,
// or called a bad one.
[[nodiscard]] std::optional<Family> named_behind(std::string_view phrase) noexcept;

}  // namespace menshen::detectors::labelled_secret
