// Errors of the planes that are no API of a provider, as problem details (RFC 9457): status, title,
// detail, and two members of our own, `code` (stable) and `where` (if there is a place).
#pragma once

#include "core/error.h"
#include "proxy/http/message.h"

namespace menshen::http {

[[nodiscard]] Reply problem(const core::Error& error);

}  // namespace menshen::http
