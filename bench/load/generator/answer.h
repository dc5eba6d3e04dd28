// Reads answers of an HTTP/1.1 server strictly: what is not framed in full is no answer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace menshen::load {

// One answer at a time, in pieces that may be cut anywhere. One thread.
//
//   AnswerReader reader;
//   while (!reader.complete() && reader.broken().empty()) reader.feed(receive());
//   use(reader.status(), reader.body());
//   reader.clear();  // for the next answer
class AnswerReader {
 public:
  void feed(std::string_view bytes);

  [[nodiscard]] bool complete() const { return step_ == Step::complete; }
  // Why it is no answer: its head cannot be read, no length is said or two are, a chunk has no
  // size, or more follows it although one request was sent. Empty: nothing is wrong so far.
  [[nodiscard]] std::string_view broken() const { return broken_; }
  // Something of the answer has come.
  [[nodiscard]] bool begun() const { return !raw_.empty(); }

  // Of a complete answer.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] std::string_view body() const;

  void clear();

 private:
  enum class Step { head, sized, chunk, complete };

  bool read_head();
  bool read_field(std::string_view line);
  bool read_chunk();
  bool fail(std::string_view why);

  std::string raw_;
  std::string unchunked_;
  std::string_view broken_;
  Step step_ = Step::head;
  std::size_t at_ = 0;  // of what is read next, in raw_
  std::size_t length_ = 0;
  int status_ = 0;
  bool sized_ = false;
  bool chunked_ = false;
  bool keep_alive_ = true;
};

}  // namespace menshen::load
