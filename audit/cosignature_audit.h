// What cosignatures say of a log, over all heads that are met.
//
//   CosignatureAudit audit(witnesses, quorum);
//   if (const auto wrong = audit.add(note, size)) report(*wrong);
//   audit.result().records;                        // that a quorum has seen
//
// Whether the heads are of the log is for others to say. One thread.
#pragma once

#include "audit/cosignature.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace menshen::audit {

// Of each witness, the largest head that it has cosigned, and when: seconds since 1970.
struct WitnessSeen {
  std::string name;
  std::string operator_name;
  std::uint64_t records = 0;
  std::uint64_t time = 0;  // 0: it has cosigned none
};

struct Witnessed {
  std::size_t quorum = 0;                // operators; 0: cosignatures were not looked at
  std::optional<std::uint64_t> records;  // of the largest head with a quorum; absent: there is none
  std::vector<WitnessSeen> witnesses;
};

class CosignatureAudit {
 public:
  CosignatureAudit(std::vector<Witness> witnesses, std::size_t quorum);

  // A head over `size` records. Gives what is wrong with a cosignature, as a sentence.
  [[nodiscard]] std::optional<std::string> add(const std::string& note, std::uint64_t size);
  // At the end: that no head has those of a quorum, as a sentence.
  [[nodiscard]] std::optional<std::string> missing() const;
  [[nodiscard]] const Witnessed& result() const noexcept { return result_; }

 private:
  const std::vector<Witness> witnesses_;
  Witnessed result_;
};

}  // namespace menshen::audit
