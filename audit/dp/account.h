// The account of charges and releases that the audit log keeps, beside the one that a repository
// remembers. The log's is the one that counts: a repository can be deleted or put back, and would
// then let days be drawn anew and the budget begin anew.
//
//   if (const auto known = apply(usage, seq, record); !known) ...   // each record, in order
//   if (const auto same = check_account(usage, log); !same) ...    // before anything is
//   charged
//
// One thread at a time. Errors: those of the repository and of reader.h; unavailable, code
// "privacy_store_behind": the log knows of a charge or release that the repository does not;
// "privacy_log_changed": the log is not the one that the repository has seen.
#pragma once

#include "audit/dp/usage_repository.h"
#include "audit/reader.h"
#include "core/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::audit::dp {

// A record of released statistics, by its bytes: cheaper than reading it.
[[nodiscard]] bool is_of_account(std::string_view body);

[[nodiscard]] std::string day_text(std::int64_t day);  // "2026-09-04"
[[nodiscard]] core::Result<std::int64_t> day_number(const std::string& text);

[[nodiscard]] core::Error log_changed(const char* how);

[[nodiscard]] core::Error store_behind(const std::string& lacks);
// The log holds a charge or a release.
[[nodiscard]] core::Result<bool> has_account(LogReader& log);
// The log has what was counted, as it was.
[[nodiscard]] core::Result<void> check_log(LogReader& log, const Position& position,
                                           std::uint64_t size);

// The repository takes up what a charge or a release says. A charge that it does not know is noted:
// nothing was released under it. A release that it does not know is an error.
[[nodiscard]] core::Result<void> apply(UsageRepository& usage, std::uint64_t seq,
                                       const Record& record);

// The last charge and the last release of the log are known, and the ledger's sum is the one that
// the charge says. Reads backwards from the log's end as far as to them.
[[nodiscard]] core::Result<void> check_account(UsageRepository& usage, LogReader& log);

// Of the budget, by all days so far: a day costs once, however many charges of it there are.
[[nodiscard]] std::uint64_t micro_spent(const std::vector<LedgerRow>& rows);

}  // namespace menshen::audit::dp
