// Numbering what stands in a request (pseudonyms.h): in which order, and which numbers it has taken
// itself.
//
//   if (auto told = check_history(document, inspected.opaque); !told) return told;
//   reserve_written(document, inspected, headers, given, stop);
//   for (const std::uint32_t i : numbering_order(document, inspected.texts)) ...  // texts[i]
#pragma once

#include "core/error.h"
#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/pseudonyms.h"
#include "proxy/protocol/document.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

// Places in `texts`, in an order that a conversation which grows at its end, and a client that
// writes the members of the body in another order, do not change: what the application says in
// every turn comes first (instructions, tools, schemas), then the conversation as it stands, with
// the names and ids in it, then what is about the request (user, metadata). Members that are of one
// kind come by their names. The conversation is every member in which a user, a tool or the model
// speaks. In time linear in the document's leaves, and sorting.
[[nodiscard]] std::vector<std::uint32_t> numbering_order(const protocol::Document& document,
                                                         std::span<const FoundText> texts);

// A text that goes to the provider beside the document: the value of a header.
struct TextBeside {
  std::string_view text;
  std::span<const core::Finding> findings;
};

// The numbers that what goes to the provider already has behind a tag of what was found in any of
// it, in any form that would be restored, are nobody's. Error "work_stopped".
[[nodiscard]] core::Result<void> reserve_written(const protocol::Document& document,
                                                 const Inspected& inspected,
                                                 std::span<const TextBeside> beside,
                                                 Pseudonyms& given, const std::stop_token& stop);

// Error "history_elsewhere": the request goes on with what the provider has kept, in which numbers
// were given that nobody knows here.
[[nodiscard]] core::Result<void> check_history(const protocol::Document& document,
                                               std::span<const std::uint32_t> opaque);

}  // namespace menshen::pipeline
