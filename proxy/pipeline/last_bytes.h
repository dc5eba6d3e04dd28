// What leaves when the outcome is durable: a whole answer, or the end of a stream. Private to the
// pipeline.
#pragma once

#include "proxy/pipeline/client.h"

#include <string>
#include <string_view>
#include <utility>

namespace menshen::pipeline {

class LastBytes {
 public:
  // A whole answer. Its commitment, where it was made already.
  void keep(ResponseHead head, std::string body, std::string commitment = {}) {
    head_ = std::move(head);
    bytes_ = std::move(body);
    commitment_ = std::move(commitment);
  }
  void keep_end_of_stream(std::string bytes) {
    bytes_ = std::move(bytes);
    ends_stream_ = true;
  }
  // In an open stream a whole answer becomes this event.
  void become_event(std::string event) {
    bytes_ = std::move(event);
    commitment_.clear();
  }

  [[nodiscard]] const ResponseHead& head() const noexcept { return head_; }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
  [[nodiscard]] const std::string& commitment() const noexcept { return commitment_; }
  [[nodiscard]] bool ends_stream() const noexcept { return ends_stream_; }
  [[nodiscard]] ResponseHead take_head() noexcept { return std::move(head_); }
  [[nodiscard]] std::string take_bytes() noexcept { return std::move(bytes_); }

 private:
  ResponseHead head_;
  std::string bytes_;
  std::string commitment_;
  bool ends_stream_ = false;
};

}  // namespace menshen::pipeline
