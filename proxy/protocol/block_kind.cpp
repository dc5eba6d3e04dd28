#include "proxy/protocol/block_kind.h"

namespace menshen::protocol {

BlockKind kind_of(const Tape& tape, NodeId block) {
  const NodeId type = tape.find(block, "type"_w);
  if (type == no_node || !tape.is(type, NodeKind::string)) return BlockKind::plain;
  const std::string_view name = tape.raw(type);
  if (name == "thinking" || name == "redacted_thinking" || name == "reasoning")
    return BlockKind::thought;
  if (name == "mcp_list_tools") return BlockKind::listing;
  if (name.ends_with("_output") || name.ends_with("tool_result")) return BlockKind::result;
  if (name.ends_with("_call") || name.ends_with("tool_use") || name == "mcp_approval_request") {
    return BlockKind::call;
  }
  return BlockKind::plain;
}

Scope part_scope(BlockKind kind, Scope scope) noexcept {
  switch (kind) {
    case BlockKind::plain: return scope;
    case BlockKind::result: return result_scope;
    case BlockKind::thought: return scope.without_answer().spoken_by(thoughts_speaker);
    case BlockKind::call:
    case BlockKind::listing: return scope.without_answer();
  }
  return scope;
}

Scope item_scope(BlockKind kind, Scope scope) noexcept {
  switch (kind) {
    case BlockKind::plain: return scope;
    case BlockKind::result: return result_scope;
    case BlockKind::call: return {core::Role::assistant, false};
    case BlockKind::thought: return {core::Role::assistant, false, false, thoughts_speaker};
    case BlockKind::listing: return {core::Role::definition, false};
  }
  return scope;
}

}  // namespace menshen::protocol
