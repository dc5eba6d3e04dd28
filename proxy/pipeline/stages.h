// The stages, each in a file of its own in stages/, and what some of them share. gateway.cpp has
// their order. Private to the pipeline.
#pragma once

#include "proxy/pipeline/stage.h"
#include "proxy/pipeline/upstream.h"
#include "proxy/protocol/document.h"

#include <optional>

namespace menshen::pipeline {

extern const StageKind sample_stage;
extern const StageKind reply_stage;
extern const StageKind remember_stage;
extern const StageKind open_stage;
extern const StageKind deadline_stage;
extern const StageKind route_path_stage;
extern const StageKind identify_stage;
extern const StageKind admit_listing_stage;
extern const StageKind list_stage;
extern const StageKind read_stage;
extern const StageKind admit_stage;
extern const StageKind inspect_stage;
extern const StageKind prepare_stage;
extern const StageKind intend_stage;
extern const StageKind pings_stage;
extern const StageKind forward_stage;
extern const StageKind examine_stage;
extern const StageKind scores_stage;
extern const StageKind relay_stage;

// Makes durable that `target` is about to be called with the body that is prepared for it.
asio::awaitable<core::Result<void>> write_intent(Lane& lane, Exchange& ex, const Target& target);
asio::awaitable<core::Result<void>> append_intent(Lane& lane, Exchange& ex, audit::Record intent);

[[nodiscard]] core::Error exchange_timeout();

// The document of the request, which nobody may read any more; none: it was not read.
[[nodiscard]] std::optional<protocol::Document> take_request(Exchange& ex);
// Of stage read, once the targets are known: what lists of tokens stand for is said by the name
// that the provider gets for the model. Errors: those of such lists, and of run_long().
asio::awaitable<core::Result<void>> read_tokens(Lane& lane, Exchange& ex);

}  // namespace menshen::pipeline
