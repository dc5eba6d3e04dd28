#include "proxy/pipeline/identity.h"

#include "core/name.h"

#include <utility>

namespace menshen::pipeline {
namespace {

constexpr std::size_t end_user_bytes_max = 128;

// A trusted service says for which person it calls: then access, the record and the privacy unit
// are the person's. Groups stay the key's, so that a header makes nobody a member of anything.
core::Result<void> set_end_user(const Headers& headers, core::Subject& subject) {
  const auto user = find_header(headers, "x-menshen-user");
  if (!user) return {};
  if (!subject.may_set_user) {
    return core::client_error(core::ErrorKind::forbidden, "end_user_not_allowed",
                              "This API key may not say for which user it calls: leave the header "
                              "out, or use a key that was made with --may-set-user.",
                              "x-menshen-user");
  }
  if (!core::is_name(*user, end_user_bytes_max)) {
    return core::client_error(core::ErrorKind::invalid_request, "invalid_end_user",
                              "The user must be 1 to 128 bytes of UTF-8 without control characters "
                              "and commas, and without blanks at its ends.",
                              "x-menshen-user");
  }
  subject.actor = std::exchange(subject.id, std::string(*user));
  subject.kind = core::SubjectKind::user;
  return {};
}

}  // namespace

asio::awaitable<core::Result<void>> Identity::learn(const Services& services,
                                                    const RequestHead& head,
                                                    RecordBuilder& record) {
  asked_ = true;
  auto subject = co_await services.identify(head);
  if (!subject) co_return subject.error();
  subject_ = std::move(*subject);
  known_ = true;
  auto named = set_end_user(head.headers, subject_);
  record.identified(subject_);
  co_return named;
}

}  // namespace menshen::pipeline
