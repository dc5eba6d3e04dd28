// Who calls, once somebody knows. Private to the pipeline.
#pragma once

#include "core/error.h"
#include "core/exchange.h"
#include "proxy/pipeline/client.h"
#include "proxy/pipeline/gateway.h"
#include "proxy/pipeline/record_builder.h"

#include <boost/asio/awaitable.hpp>

namespace menshen::pipeline {

class Identity {
 public:
  // Asks once who sent the request, and tells the record. Whoever has a good credential is
  // identified, also where his header is refused: that is his, and stands in a record. Errors:
  // those of Services::identify; forbidden "end_user_not_allowed", invalid_request
  // "invalid_end_user".
  asio::awaitable<core::Result<void>> learn(const Services& services, const RequestHead& head,
                                            RecordBuilder& record);

  [[nodiscard]] bool asked() const noexcept { return asked_; }
  [[nodiscard]] bool known() const noexcept { return known_; }
  [[nodiscard]] const core::Subject& subject() const noexcept { return subject_; }

 private:
  core::Subject subject_;
  bool asked_ = false;
  bool known_ = false;
};

}  // namespace menshen::pipeline
