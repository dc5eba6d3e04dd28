// Durable records per second and commit latency of the journal, on the disk of TMPDIR.
//
//   TMPDIR=/var/tmp build/bench/bin/journal_bench
//
// Figures say as much about the disk's fsync as about the code: `fsync` measures that beside them.
#include "audit/journal.h"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "audit/canonical.h"
#include "audit/indexer.h"
#include "audit/search.h"
#include "audit/verify.h"

namespace menshen::audit {
namespace {

using Clock = std::chrono::steady_clock;

class Directory {
 public:
  Directory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "menshen-journal-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

// The size and shape of an outcome with every stage on.
Record typical() {
  Record r;
  r.exchange = "019a0000-0000-7000-8000-000000000001";
  r.wall_ns = 1'790'000'000'123'456'789;
  r.gateway = "0.1.0";
  r.subject = "alice@example.com";
  r.subject_kind = "user";
  r.groups = {"finance", "all-staff"};
  r.credential = "k_0123456789abcdef";
  r.client = std::string(32, 'c');
  r.method = "POST";
  r.path = "/v1/chat/completions";
  r.api = "openai_chat";
  r.operation = "chat";
  r.model = r.upstream_model = "qwen3-32b";
  r.policy = std::string(policy_digits, 'a');
  r.request_commitment = std::string(43, 'a');
  r.forwarded_commitment = std::string(43, 'c');
  r.response_commitment = r.released_commitment = std::string(43, 'b');
  r.access_rule = "finance-internal";
  r.upstream = "core";
  r.zone = "internal";
  r.decision = "redact";
  r.rules = {{"ids-to-public", "redact", true, 2}, {"unsupported", "annotate", false, 1}};
  r.findings_request = {{"cn_resident_id", 1, "redact", 99, "user", {0}},
                        {"email", 1, "redact", 95, "user", {0}}};
  r.scores_request["injection"] = 0.01F;
  r.scores_response["grounding"] = 0.93F;
  r.detectors = "2026.11";
  r.scanned_bytes = 4096;
  r.scanned_segments = 9;
  r.attempts = 1;
  r.status = r.upstream_status = 200;
  r.complete = true;
  r.request_bytes = 1024;
  r.response_bytes = 2048;
  r.input_tokens = 250;
  r.output_tokens = 420;
  r.duration_us = 1'500'000;
  r.upstream_wait_us = 1'400'000;
  r.first_byte_us = 200'000;
  return r;
}

std::unique_ptr<Journal> open(const std::filesystem::path& path) {
  auto journal = Journal::open({.directory = path}, core::system_clock());
  if (!journal) std::abort();
  return std::move(*journal);
}

// `count` appends, of which at most `window` are under way, as so many exchanges would have it.
class Window {
 public:
  Window(Journal& journal, int window) : journal_(journal), free_(window), window_(window) {}

  void append(const Record& record) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return free_ > 0; });
      --free_;
    }
    const Clock::time_point begun = Clock::now();
    journal_.append(record, [this, begun](const core::Result<std::uint64_t>& seq) {
      if (!seq) std::abort();
      const std::lock_guard lock(mutex_);
      latencies_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begun).count());
      if (++free_ == 1 || free_ == window_) wake_.notify_all();
    });
  }
  void drain() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return free_ == window_; });
  }
  double percentile(double p) {
    std::ranges::sort(latencies_);
    const double at = p * static_cast<double>(latencies_.size() - 1);
    return latencies_[static_cast<std::size_t>(at)];
  }

 private:
  Journal& journal_;
  std::mutex mutex_;
  std::condition_variable wake_;
  int free_;
  const int window_;
  std::vector<double> latencies_;
};

void journal(benchmark::State& state) {
  const Directory dir;
  const Record record = typical();
  const auto log = open(dir.path);
  Window window(*log, static_cast<int>(state.range(0)));
  std::int64_t records = 0;
  for (auto _ : state) {
    for (int i = 0; i < state.range(1); ++i) window.append(record);
    window.drain();
    records += state.range(1);
  }
  const JournalStats stats = log->stats();
  state.SetItemsProcessed(records);
  state.counters["record_bytes"] = static_cast<double>(canonical(record, 1'000'000).size());
  state.counters["records_per_commit"] =
      static_cast<double>(stats.records) / static_cast<double>(stats.commits);
  state.counters["p50_us"] = window.percentile(0.5);
  state.counters["p99_us"] = window.percentile(0.99);
}
// One producer that waits for each record; 64; and as many as the queue may hold.
BENCHMARK(journal)
    ->Args({1, 2'000})
    ->Args({64, 20'000})
    ->Args({1024, 100'000})
    ->Args({8192, 200'000})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void fsync_alone(benchmark::State& state) {
  const Directory dir;
  const int fd = ::open((dir.path / "file").c_str(), O_WRONLY | O_CREAT, 0600);
  const std::string page(4096, 'x');
  for (auto _ : state) {
    if (::pwrite(fd, page.data(), page.size(), 0) < 0 || ::fdatasync(fd) != 0) std::abort();
  }
  ::close(fd);
}
BENCHMARK(fsync_alone)->Unit(benchmark::kMicrosecond)->UseRealTime();

void verify_log(benchmark::State& state) {
  const Directory dir;
  {
    const auto log = open(dir.path);
    Window window(*log, 8'192);
    Record record = typical();
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      record.exchange = std::to_string(i);
      record.type = RecordType::intent;
      window.append(record);
      record.type = RecordType::outcome;
      window.append(record);
    }
    window.drain();
  }
  for (auto _ : state) {
    const auto report = verify(dir.path);
    if (!report || !report->ok()) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * 2);
}
BENCHMARK(verify_log)->Arg(50'000)->Unit(benchmark::kMillisecond);

std::uint64_t bytes_of(const std::filesystem::path& path, std::string_view beginning) {
  std::uint64_t out = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    const bool meant = entry.path().string().starts_with((path / beginning).string());
    if (meant && entry.is_regular_file()) out += entry.file_size();
  }
  return out;
}

// Exchanges of many callers, a tenth of them with something to be found.
void append_varied(Window& window, std::int64_t exchanges) {
  for (std::int64_t i = 0; i < exchanges; ++i) {
    Record record = typical();
    record.wall_ns += i * 1'000'000;
    record.exchange = core::uuid_v7(record.wall_ns);
    record.subject = "person-" + std::to_string(i * 7'919 % 500) + "@example.com";
    record.groups = {"team-" + std::to_string(i * 31 % 20), "all-staff"};
    record.model = record.upstream_model = "model-" + std::to_string(i % 5);
    record.upstream = "upstream-" + std::to_string(i % 3);
    if (i % 10 != 0) {
      record.rules.clear();
      record.findings_request.clear();
      record.decision = "allow";
    }
    record.type = RecordType::intent;
    window.append(record);
    record.type = RecordType::outcome;
    window.append(record);
  }
  window.drain();
}

void index_log(benchmark::State& state) {
  const Directory dir;
  {
    const auto log = open(dir.path);
    Window window(*log, 32);  // no more than the disk can seal
    append_varied(window, state.range(0));
  }
  for (auto _ : state) {
    const auto records = rebuild_index(dir.path);
    if (!records || !*records) std::abort();
  }
  const auto exchanges = static_cast<double>(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0) * 2);
  state.counters["index_bytes_per_exchange"] =
      static_cast<double>(bytes_of(dir.path, "index.db")) / exchanges;
  state.counters["bundle_bytes_per_exchange"] =
      static_cast<double>(bytes_of(dir.path, "log/tile")) / exchanges;
}
BENCHMARK(index_log)->Arg(100'000)->Unit(benchmark::kMillisecond);

void find_records(benchmark::State& state, const Search& asked) {
  static const Directory dir;
  static const bool made = [] {
    {
      const auto log = open(dir.path);
      Window window(*log, 32);  // no more than the disk can seal
      append_varied(window, 100'000);
    }
    return rebuild_index(dir.path).has_value();
  }();
  if (!made) std::abort();
  std::size_t found = 0;
  for (auto _ : state) found = search(dir.path, asked)->records.size();
  state.counters["found"] = static_cast<double>(found);
}
BENCHMARK_CAPTURE(find_records, of_a_person,
                  {.terms = {{Field::subject, "person-42@example.com"}}, .records_max = 20})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_records, of_an_unknown_exchange,
                  {.exchange = "019a0000-0000-7000-8000-000000000001"})
    ->Unit(benchmark::kMillisecond);

void canonical_form(benchmark::State& state) {
  const Record record = typical();
  for (auto _ : state) benchmark::DoNotOptimize(canonicalise(record));
}
BENCHMARK(canonical_form)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace menshen::audit
