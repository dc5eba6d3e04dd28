// What a search can ask of a record: its terms, each a field and a value.
//
//   RecordTerms record;
//   if (record.read(body)) use(record.time_ns(), record.exchange(), record.terms());
//   if (record.intent() > 0) record.join(body_of(record.intent()));   // what an outcome leaves out
//
// What read() and join() give is good until the next call. One thread. Bodies are hostile input:
// one that is no record gives false, and no terms. Cost: one pass over the body.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace menshen::audit {

// Index files hold these numbers: who changes what one means raises index_version (index_file.h).
enum class Field : std::uint8_t {
  event = 1,  // the record's type
  subject,
  group,
  model,
  upstream,
  zone,
  decision,
  rule,   // one that fired, also in shadow, that allowed the zone, or that denied a target
  type,   // of a finding, in request or answer
  error,  // what ended the exchange; of refusals, each code
  score_request,
  score_response,
  application,
};

struct Term {
  Field field = Field::event;
  std::string_view value{};
  std::int32_t score = 0;  // in 1/10000, of scores; -1 is one that was not a number
  bool operator==(const Term&) const = default;
};

class RecordTerms {
 public:
  RecordTerms();
  ~RecordTerms();

  [[nodiscard]] bool read(std::string_view body);
  // The number of the intent that an outcome refers to; 0: of none.
  [[nodiscard]] std::uint64_t intent() const noexcept { return intent_; }
  // Adds the terms of the intent's fields that the outcome leaves out. False, and nothing is added:
  // the body is no intent of its exchange.
  bool join(std::string_view intent);

  [[nodiscard]] std::int64_t time_ns() const noexcept { return time_ns_; }
  [[nodiscard]] std::string_view exchange() const noexcept { return exchange_; }
  // A term may stand there more than once.
  [[nodiscard]] const std::vector<Term>& terms() const noexcept { return terms_; }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::uint64_t intent_ = 0;
  std::uint32_t present_ = 0;  // which names the record has
  std::int64_t time_ns_ = 0;
  std::string_view exchange_;
  std::vector<Term> terms_;
};

}  // namespace menshen::audit
