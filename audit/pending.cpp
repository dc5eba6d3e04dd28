#include "audit/journal.h"

#include <utility>

namespace menshen::audit {
namespace {

class Told final : public Pending {
 public:
  Told(const Record& of, Journal::Done done) : Pending(canonicalise(of)), done_(std::move(done)) {}
  void written(core::Result<std::uint64_t> seq) noexcept override {
    done_(std::move(seq));
    delete this;
  }

 private:
  Journal::Done done_;
};

}  // namespace

void Journal::append(const Record& record, Done done) {
  PendingList list;
  list.push(*new Told(record, std::move(done)));
  append(std::move(list));
}

}  // namespace menshen::audit
