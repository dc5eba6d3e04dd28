// What a block of a message, or an item beside messages, holds by its `type`, and in whose scope
// its texts stand. Private to the readers of content.
#pragma once

#include "proxy/protocol/leaves.h"
#include "proxy/protocol/tape.h"

#include <cstdint>

namespace menshen::protocol {

enum class BlockKind : std::uint8_t { plain, call, thought, result, listing };

// The endings of types also cover calls of tools that are yet to come.
[[nodiscard]] BlockKind kind_of(const Tape& tape, NodeId block);

// Inside a message its author stays the speaker, whatever type a part claims, but for the results
// of tools.
[[nodiscard]] Scope part_scope(BlockKind kind, Scope scope) noexcept;
[[nodiscard]] Scope item_scope(BlockKind kind, Scope scope) noexcept;

}  // namespace menshen::protocol
