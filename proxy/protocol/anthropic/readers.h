// The reader of the messages API's streams.
#pragma once

#include "proxy/protocol/endpoint.h"

namespace menshen::protocol::anthropic {

EventReader read_message_event;

}  // namespace menshen::protocol::anthropic
