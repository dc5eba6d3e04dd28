// Who calls, and for whom.
#include "proxy/pipeline/stages.h"

#include "core/name.h"

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

void note_subject(const core::Subject& subject, audit::Record& record) {
  record.subject = subject.id;
  record.subject_kind = core::to_string(subject.kind);
  record.groups = subject.groups;
  record.credential = subject.credential_id;
  record.actor = subject.actor;
}

}  // namespace

// Whoever has a good credential is identified, also where his header is refused: that is his, and
// stands in a record.
asio::awaitable<core::Result<void>> Stages::identify(Exchange& ex) {
  ex.identify_tried = true;
  const RequestHead& head = ex.client.head();
  auto subject = co_await services.identify(head);
  if (!subject) co_return subject.error();
  ex.subject = std::move(*subject);
  ex.identified = true;
  auto named = set_end_user(head.headers, ex.subject);
  note_subject(ex.subject, ex.record);
  co_return named;
}

}  // namespace menshen::pipeline
