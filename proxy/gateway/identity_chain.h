// Who may say who calls, as the configuration names it.
#pragma once

#include "core/error.h"
#include "proxy/config/config.h"
#include "proxy/identity/chain.h"
#include "proxy/identity/key_recorder.h"

#include <functional>
#include <memory>

namespace menshen::gateway {

// The links in the order of the configuration. `recorder`, which outlives them, is told what
// happens to keys; `told`, on a thread of a link, that it can identify nobody, and that it can
// again. Errors: those of what a link reads, and the recorder's.
[[nodiscard]] core::Result<std::unique_ptr<identity::Chain>> make_chain(
    const config::Config& config, identity::KeyRecorder& recorder,
    std::function<void(const core::Result<void>&)> told);

}  // namespace menshen::gateway
