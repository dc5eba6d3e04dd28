// One step of bench/log/run, in a process of its own: its figures as one JSON object.
//
//   log_driver write DIRECTORY EXCHANGES     a log of so many exchanges, at full groups
//   log_driver start DIRECTORY               opens and closes it
//   log_driver verify DIRECTORY              as `menshen audit verify`
//   log_driver prove DIRECTORY COUNT         proofs of records at random, each checked
//   log_driver scrub DIRECTORY SECONDS       reads it again as a gateway does, at the default pace
//   log_driver sync DIRECTORY                the machine's own fdatasync over written space
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "audit/files.h"
#include "audit/journal.h"
#include "audit/keys.h"
#include "audit/layout.h"
#include "audit/proof.h"
#include "audit/scrubber.h"
#include "audit/tile_store.h"
#include "audit/verify.h"
#include "core/digest.h"
#include "core/limits.h"

namespace {

std::atomic<std::uint64_t> syncs{0};

}  // namespace

// The linker takes these for the library's calls.
extern "C" int fdatasync(int fd) {
  syncs.fetch_add(1, std::memory_order_relaxed);
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
extern "C" int fsync(int fd) {
  syncs.fetch_add(1, std::memory_order_relaxed);
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace {

using namespace menshen;
using namespace menshen::audit;

constexpr int window = 8'192;  // records under way: more than a group takes
constexpr std::uint64_t random_seed = 1;

using Figures = std::map<std::string, double>;

[[noreturn]] void die(const std::string& why) {
  std::cerr << "log_driver: " << why << "\n";
  std::exit(1);
}

template <typename T>
T need(core::Result<T> result) {
  if (!result) die(core::to_string(result.error()));
  return std::move(*result);
}

double cpu_seconds() {
  std::timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Seconds since it was made.
class Watch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  }
  [[nodiscard]] double cpu() const { return cpu_seconds() - cpu_; }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  double cpu_ = cpu_seconds();
};

std::string hex(std::mt19937_64& random, std::size_t digits) {
  std::string out;
  while (out.size() < digits) {
    char word[17];
    std::snprintf(word, sizeof word, "%016llx", static_cast<unsigned long long>(random()));
    out.append(word, 16);
  }
  out.resize(digits);
  return out;
}

constexpr std::string_view policy_text = "kind: PolicySet\n";

std::string policy_hash() {
  const core::Digest digest = core::sha256(policy_text);
  return core::to_hex(core::as_text(digest));
}

// Records as the gateway writes them for a chat that was judged by content rules both ways.
class Exchanges {
 public:
  Record intent(std::uint64_t i) {
    Record r;
    r.type = RecordType::intent;
    r.wall_ns = 1'790'000'000'000'000'000 + static_cast<std::int64_t>(i) * 40'000;
    char id[40];
    std::snprintf(id, sizeof id, "01a20119-ce2b-7000-8000-%012llx",
                  static_cast<unsigned long long>(i));
    r.exchange = id;
    r.gateway = "0.1.0";
    r.subject = "user-" + std::to_string(i % 5'000) + "@corp.example";
    r.subject_kind = "user";
    r.groups = {"all-staff", "finance"};
    r.credential = "7k2p0x9h3m";
    r.client = hex(random_, 16);
    r.method = "POST";
    r.path = "/v1/chat/completions";
    r.api = "openai_chat";
    r.operation = "chat";
    r.model = r.upstream_model = "qwen3-32b";
    r.policy = policy_;
    r.access_rule = "finance-inside";
    r.upstream = "core";
    r.zone = "internal";
    r.decision = "redact";
    r.attempts = 1;
    r.request_bytes = 900 + i % 4'000;
    r.request_commitment = hex(random_, 43);
    r.forwarded_commitment = hex(random_, 43);
    return r;
  }

  Record outcome(Record r) {
    r.type = RecordType::outcome;
    r.catalog = "e8f641190b48";
    r.rules = {{"ids-to-public", "redact", true, 2, {}},
               {"tone", "annotate", false, 1, {{"toxicity", 1}}}};
    r.findings_request = {{"cn_resident_id", 1}, {"email", 1}};
    r.scores_request["injection"] = 0.0123F;
    r.scores_response["toxicity"] = 0.81F;
    r.scanned_bytes = 4'096;
    r.scanned_segments = 9;
    r.status = r.upstream_status = 200;
    r.complete = true;
    r.response_bytes = 2'048;
    r.input_tokens = 250;
    r.output_tokens = 420;
    r.duration_us = 1'500'000;
    r.upstream_wait_us = 1'400'000;
    r.first_byte_us = 200'000;
    r.response_commitment = hex(random_, 43);
    r.released_commitment = hex(random_, 43);
    return r;
  }

 private:
  std::mt19937_64 random_{random_seed};
  std::string policy_ = policy_hash();
};

// As the gateway does before a record names it.
void keep_policy(const std::filesystem::path& directory) {
  const auto folder = directory / layout::policies;
  const auto made = store::make_directory(folder, evidence_unavailable);
  if (!made) die(core::to_string(made.error()));
  const auto kept = write_durably(folder / (policy_hash() + ".yaml"), policy_text, 0600);
  if (!kept) die(core::to_string(kept.error()));
}

// Keeps as many appends under way as exchanges of a busy gateway would.
class Window {
 public:
  explicit Window(Journal& journal) : journal_(journal) {}

  void append(const Record& record) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return free_ > 0; });
      --free_;
    }
    journal_.append(record, [this](const core::Result<std::uint64_t>& seq) {
      if (!seq) die(core::to_string(seq.error()));
      const std::lock_guard lock(mutex_);
      // The producer makes a good part of a group each time that it is woken.
      if (++free_ == window / 2 || free_ == window) wake_.notify_all();
    });
  }
  void drain() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return free_ == window; });
  }

 private:
  Journal& journal_;
  std::mutex mutex_;
  std::condition_variable wake_;
  int free_ = window;
};

std::unique_ptr<Journal> open(const std::filesystem::path& directory) {
  return need(Journal::open({.directory = directory}, core::system_clock()));
}

Figures write(const std::filesystem::path& directory, std::uint64_t exchanges) {
  Exchanges make;
  std::uint64_t commits = 0;
  const Watch watch;
  {
    const auto journal = open(directory);
    keep_policy(directory);
    Window under_way(*journal);
    for (std::uint64_t i = 0; i < exchanges; ++i) {
      const Record intent = make.intent(i);
      under_way.append(intent);
      under_way.append(make.outcome(intent));
    }
    under_way.drain();
    commits = journal->stats().commits;
  }
  Figures out{{"seconds", watch.seconds()}, {"cpu_seconds", watch.cpu()}};
  const Watch making;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(exchanges, 50'000); ++i)
    (void)make.outcome(make.intent(i));
  out["making_cpu_us"] =
      making.cpu() * 1e6 / static_cast<double>(2 * std::min<std::uint64_t>(exchanges, 50'000));
  out["records"] = static_cast<double>(2 * exchanges);
  out["groups"] = static_cast<double>(commits);
  out["syncs"] = static_cast<double>(syncs.load());
  return out;
}

Figures start(const std::filesystem::path& directory) {
  const Watch watch;
  const auto journal = open(directory);
  return {{"seconds", watch.seconds()},
          {"cpu_seconds", watch.cpu()},
          {"records", static_cast<double>(journal->stats().records)}};
}

Figures check(const std::filesystem::path& directory) {
  const Watch watch;
  const VerifyReport report = need(verify(directory));
  if (!report.ok()) die(to_text(report));
  return {{"seconds", watch.seconds()},
          {"cpu_seconds", watch.cpu()},
          {"records", static_cast<double>(report.records)},
          {"heads", static_cast<double>(report.heads)}};
}

Figures prove_some(const std::filesystem::path& directory, std::uint64_t count) {
  const NoteVerifier key = need(load_verifier(directory / layout::verifier_key));
  const std::uint64_t records = open(directory)->stats().records;
  std::mt19937_64 random(random_seed);
  std::vector<double> milliseconds;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t seq = random() % records;
    const Watch watch;
    const LogProof proof = need(prove(directory, seq));
    milliseconds.push_back(watch.seconds() * 1e3);
    (void)need(check_proof(proof, proof.record, key));
  }
  std::ranges::sort(milliseconds);
  return {{"p50_ms", milliseconds[milliseconds.size() / 2]},
          {"p99_ms", milliseconds[milliseconds.size() * 99 / 100]},
          {"max_ms", milliseconds.back()}};
}

// Bytes that this process has asked the kernel for.
double bytes_read() {
  std::ifstream file("/proc/self/io");
  std::string name;
  double bytes = 0;
  file >> name >> bytes;
  return name == "rchar:" ? bytes : 0;
}

Figures scrub(const std::filesystem::path& directory, std::uint64_t seconds) {
  const auto ring = need(recorded_ring(directory));
  const auto head = need(read_file(directory / layout::checkpoint, note_bytes_max));
  const std::uint64_t sealed = need(TileStore(directory / layout::tiles).records());
  if (!ring || !head) die("there is no log");
  const core::Limits limits;
  double problems = 0;
  const Watch watch;
  const double before = bytes_read();
  {
    Scrubber scrubber(directory, core::system_clock(), limits.scrub_bytes_per_second,
                      {.damaged = [&](std::string_view) { ++problems; }});
    scrubber.signed_by(*ring);
    scrubber.signed_head(*head);
    scrubber.take(sealed);
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
  }
  const double bytes = bytes_read() - before;
  return {{"bytes", bytes},
          {"bytes_per_second", bytes / watch.seconds()},
          {"cpu_seconds", watch.cpu()},
          {"cpu_seconds_per_gb", watch.cpu() * 1e9 / bytes},
          {"problems", problems},
          {"records", static_cast<double>(sealed)}};
}

Figures sync(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "sync";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::string piece(1U << 20U, 'x');
  std::vector<double> small;
  std::vector<double> large;
  if (fd < 0 || ::pwrite(fd, piece.data(), piece.size(), 0) < 0 || ::fdatasync(fd) != 0)
    die("cannot write there");
  for (int i = 0; i < 200; ++i) {
    for (auto* of : {&small, &large}) {
      const std::size_t bytes = of == &small ? 4'096 : piece.size();
      const Watch watch;
      if (::pwrite(fd, piece.data(), bytes, 0) < 0 || ::fdatasync(fd) != 0) die("cannot sync");
      of->push_back(watch.seconds() * 1e6);
    }
  }
  ::close(fd);
  std::filesystem::remove(path);
  std::ranges::sort(small);
  std::ranges::sort(large);
  return {{"page_us", small[small.size() / 2]}, {"megabyte_us", large[large.size() / 2]}};
}

Figures run(const std::vector<std::string>& words) {
  const std::string step = words.empty() ? "" : words[0];
  const auto number = [&] { return std::strtoull(words[2].c_str(), nullptr, 10); };
  if (words.size() == 2 && step == "start") return start(words[1]);
  if (words.size() == 2 && step == "verify") return check(words[1]);
  if (words.size() == 2 && step == "sync") return sync(words[1]);
  if (words.size() == 3 && step == "write" && number() > 0) return write(words[1], number());
  if (words.size() == 3 && step == "prove" && number() > 0) return prove_some(words[1], number());
  if (words.size() == 3 && step == "scrub" && number() > 0) return scrub(words[1], number());
  die("write DIRECTORY EXCHANGES | start, verify or sync DIRECTORY | prove DIRECTORY COUNT | "
      "scrub DIRECTORY SECONDS");
}

}  // namespace

int main(int argc, char** argv) {
  const Figures figures = run({argv + 1, argv + argc});
  const char* before = "{";
  for (const auto& [name, value] : figures) {
    std::printf("%s\"%s\": %.6g", before, name.c_str(), value);
    before = ", ";
  }
  std::puts("}");
}
