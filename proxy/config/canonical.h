// A configuration as one text, whatever its file looked like: what a log keeps of it.
//
//   const std::string text = canonical(config);       // {"admin":{"address":"127.0.0.1:9090"},...
//   const std::string name = core::to_hex(core::as_text(core::sha256(text)));
//
// RFC 8785 (canonical JSON), with the keys of menshen.schema.json: every value that is in force,
// defaults too, paths absolute, and what is not there left out. Of a secret it says where it is
// read from, and nothing that depends on its value; the `value` of a header is none, as the file
// says. Read as a configuration it is this one. Pure; any thread.
#pragma once

#include "proxy/config/config.h"

#include <string>

namespace menshen::config {

[[nodiscard]] std::string canonical(const Config& config);

}  // namespace menshen::config
