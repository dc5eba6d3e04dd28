// Why a document is no JSON that readers agree on, as the errors that its sender gets. Private to
// the tape.
#pragma once

#include "core/error.h"
#include "proxy/protocol/json_string.h"
#include "proxy/protocol/tape.h"

#include <simdjson.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace menshen::protocol {

namespace faults {

// `byte`: where; `where`: Tape::place() of the node.
[[nodiscard]] core::Error invalid_json(std::string message, std::size_t byte);
[[nodiscard]] core::Error not_an_object();
[[nodiscard]] core::Error trailing_bytes(std::size_t byte);
[[nodiscard]] core::Error too_many_values(std::size_t byte);
[[nodiscard]] core::Error too_deep(std::string where);
[[nodiscard]] core::Error duplicate_key(std::string where);
// What stage 1 of simdjson found, with the place, which it does not tell. Exhausted memory is
// thrown: nobody's document is at fault.
[[nodiscard]] core::Error stage_one(simdjson::error_code code, std::string_view bytes);
// A string whose escapes are refused; `begin`: where its text begins.
[[nodiscard]] core::Error escape(const EscapeError& fault, std::size_t begin);

}  // namespace faults

// The place of a node for errors: Tape::place().
[[nodiscard]] std::string place_of(std::string_view bytes, std::span<const Node> nodes, NodeId id);

}  // namespace menshen::protocol
