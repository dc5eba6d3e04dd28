// menshen audit find and index.
#include "audit/canonical.h"
#include "audit/index_file.h"
#include "audit/indexer.h"
#include "audit/joined.h"
#include "audit/search.h"
#include "core/clock.h"
#include "core/yaml_reader.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/cli/terminal.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace menshen::cli {
namespace {

constexpr std::size_t found_max = 10'000;

struct FindOptions {
  std::string config = "menshen.yaml";
  std::string store;
  std::map<audit::Field, std::string> terms;
  std::string exchange;
  std::string score;
  std::string since;
  std::string until;
  std::size_t limit = 100;
  bool scan = false;
  bool json = false;
};

struct IndexOptions {
  std::string config = "menshen.yaml";
  std::string store;
  bool rebuild = false;
  bool json = false;
};

// "2026-11-22", "2026-11-22T02:33", "2026-11-22T02:33:18", in UTC, with or without Z; or how long
// ago: "90m", "24h", "7d".
std::optional<std::int64_t> parse_time(std::string_view text) {
  constexpr std::string_view midnight = "0000-00-00T00:00:00.000000000Z";
  constexpr std::int64_t second = 1'000'000'000;
  const std::map<char, std::int64_t> units{
      {'s', second}, {'m', 60 * second}, {'h', 3'600 * second}, {'d', 86'400 * second}};
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc{} && end + 1 == text.data() + text.size() && units.contains(*end))
    return core::system_clock().wall_ns() - std::int64_t{count} * units.at(*end);
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() != 10 && text.size() != 16 && text.size() != 19) return std::nullopt;
  return audit::parse_record_time(std::string(text).append(midnight.substr(text.size())));
}

// "injection>=0.8", "grounding<0.5".
std::optional<audit::Search::ScoreRange> parse_score(std::string_view text) {
  const std::size_t at = text.find_first_of("<>");
  const bool below = at != text.npos && text[at] == '<';
  const std::size_t sign = below ? 1 : 2;
  if (at == text.npos || at == 0 || text.size() <= at + sign) return std::nullopt;
  if (!below && text[at + 1] != '=') return std::nullopt;
  const std::string_view number = text.substr(at + sign);
  double bound = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bound);
  if (error != std::errc{} || end != number.data() + number.size() || !(bound >= 0 && bound <= 1))
    return std::nullopt;
  const auto units = static_cast<std::int32_t>(std::ceil(bound * 10'000 - 1e-6));
  if (below) return audit::Search::ScoreRange{std::string(text.substr(0, at)), 0, units - 1};
  return audit::Search::ScoreRange{std::string(text.substr(0, at)), units, 10'000};
}

int misused(std::string_view option, std::string_view value, std::string_view forms) {
  std::cerr << "menshen: " << option << " may not be \"" << value << "\"; it is " << forms << "\n";
  return exit_misuse;
}

std::string plain(std::string_view text) { return text.empty() ? "-" : spelled(text); }

audit::Record with_intent(audit::Record record, const audit::Found& found) {
  const auto intent = found.intents.find(record.intent);
  if (intent == found.intents.end()) return record;
  if (const auto parsed = audit::parse_record(intent->second)) audit::join(record, parsed->record);
  return record;
}

// What was decided of an exchange, or done to a key.
const std::string& decision_of(const audit::Record& record) {
  return record.change ? record.change->action : record.decision;
}

void print_found(const audit::Found& found, bool more) {
  std::cout << "record\ttime\tevent\tdecision\tsubject\tmodel\tupstream\terror\texchange\n";
  for (const audit::StoredRecord& stored : found.records) {
    const auto parsed = audit::parse_record(stored.body);
    if (!parsed) {
      std::cout << stored.seq << "\t" << parsed.error().code << "\n";
      continue;
    }
    const audit::Record r = with_intent(parsed->record, found);
    std::cout << stored.seq << "\t" << core::format_rfc3339(r.wall_ns) << "\t"
              << audit::to_string(r.type);
    for (const auto* text :
         {&decision_of(r), &r.subject, &r.model, &r.upstream, &r.error, &r.exchange})
      std::cout << "\t" << plain(*text);
    std::cout << "\n";
  }
  if (more) {
    std::cerr << "menshen: there are more; these are the newest " << found.records.size()
              << ", as --limit says\n";
  }
  if (found.indexed < found.log_records) {
    std::cerr << "menshen: the index has " << found.indexed << " of " << found.log_records
              << " records; the others were read from the log\n";
  }
}

// The records as they stand in the log, and the intents that outcomes among them refer to.
void print_found_json(const audit::Found& found, bool more) {
  std::cout << R"({"indexed":)" << found.indexed << R"(,"log_records":)" << found.log_records
            << R"(,"more":)" << (more ? "true" : "false") << R"(,"records":[)";
  for (const audit::StoredRecord& stored : found.records)
    std::cout << (&stored == found.records.data() ? "" : ",") << stored.body;
  std::cout << R"(],"intents":[)";
  for (const auto& [seq, body] : found.intents)
    std::cout << (seq == found.intents.begin()->first ? "" : ",") << body;
  std::cout << "]}\n";
}

// Of what there are only so many, a word that is none of them was misspelt. False: it was.
bool is_one_of(std::string_view option, const std::string& value,
               std::span<const std::string_view> known) {
  if (value.empty() || std::ranges::find(known, value) != known.end()) return true;
  std::string names;
  for (const std::string_view name : known) names.append(names.empty() ? "" : ", ").append(name);
  std::cerr << "menshen: " << option << " may not be " << core::quoted_name(value) << "."
            << core::suggestion_of(core::nearest_name(value, known)) << " Use one of: " << names
            << ".\n";
  return false;
}

// Past the last type the name is that of an outcome.
std::vector<std::string_view> event_names() {
  std::vector<std::string_view> out;
  for (std::uint8_t type = 0;; ++type) {
    const std::string_view name = audit::to_string(static_cast<audit::RecordType>(type));
    if (std::ranges::find(out, name) != out.end()) return out;
    out.push_back(name);
  }
}

bool are_known(const FindOptions& options) {
  constexpr std::array<std::string_view, 5> decisions{"allow", "annotate", "redact", "deny",
                                                      "error"};
  return is_one_of("--event", options.terms.at(audit::Field::event), event_names()) &&
         is_one_of("--decision", options.terms.at(audit::Field::decision), decisions);
}

int find(const FindOptions& options) {
  constexpr std::string_view times = "a time (2026-11-22T02:33, in UTC) or a while ago (24h)";
  if (!are_known(options)) return exit_misuse;
  audit::Search search{
      .exchange = options.exchange, .records_max = options.limit + 1, .scan = options.scan};
  for (const auto& [field, value] : options.terms) {
    if (!value.empty()) search.terms.push_back({field, value});
  }
  if (!options.score.empty()) {
    const auto range = parse_score(options.score);
    if (!range) return misused("--score", options.score, "NAME>=NUMBER or NAME<NUMBER");
    search.scores.push_back(*range);
  }
  for (const auto& [name, text, to] : {std::tuple("--since", &options.since, &search.since_ns),
                                       std::tuple("--until", &options.until, &search.until_ns)}) {
    if (text->empty()) continue;
    const auto time = parse_time(*text);
    if (!time) return misused(name, *text, times);
    *to = *time;
  }
  const auto directory = store_folder(options.store, options.config);
  if (!directory) return exit_misuse;
  auto found = audit::search(*directory, search);
  if (!found) return fail(found.error());
  const bool more = found->records.size() > options.limit;
  if (more) found->records.pop_back();
  options.json ? print_found_json(*found, more) : print_found(*found, more);
  return found->records.empty() ? exit_no : exit_ok;
}

int rebuild(const std::filesystem::path& directory) {
  const auto rebuilt = audit::rebuild_index(directory);
  if (!rebuilt) return fail(rebuilt.error());
  if (*rebuilt) {
    std::cout << "the index is made anew, of " << **rebuilt << " records\n";
  } else {
    std::cout << "the index is gone; the gateway that runs makes it anew\n";
  }
  return exit_ok;
}

int show_index(const IndexOptions& options) {
  const auto directory = store_folder(options.store, options.config);
  if (!directory) return exit_misuse;
  if (options.rebuild) return rebuild(*directory);
  auto log = audit::LogReader::open(*directory);
  if (!log) return fail(log.error());
  const auto lookup = audit::IndexLookup::open(*directory);
  if (!lookup) return fail(lookup.error());
  const std::uint64_t indexed = *lookup ? (*lookup)->position().records : 0;
  const auto extent = log->extent();
  if (!extent) return fail(extent.error());
  if (options.json) {
    std::cout << nlohmann::ordered_json{{"indexed", indexed}, {"log_records", extent->records}}
              << "\n";
  } else {
    std::cout << "the index has " << indexed << " of " << extent->records << " records\n";
  }
  return *lookup ? exit_ok : exit_no;
}

void add_find(CLI::App& audit, int& exit_code) {
  auto* command = audit.add_subcommand(
      "find",
      "Finds records by what they say, the newest first. Works while the gateway runs; what the "
      "index does not have yet is read from the log.");
  auto options = std::make_shared<FindOptions>();
  command->add_option("--config", options->config, "The gateway's configuration.");
  command->add_option("--store", options->store, "The store's folder, instead of --config.");
  auto& terms = options->terms;
  command->add_option("--event", terms[audit::Field::event],
                      "The record's type: intent, outcome, correction, ...");
  command->add_option("--subject", terms[audit::Field::subject],
                      "Who called, or for whom a service called.");
  command->add_option("--application", terms[audit::Field::application],
                      "The application that the API key is for.");
  command->add_option("--group", terms[audit::Field::group], "A group of the API key.");
  command->add_option("--model", terms[audit::Field::model], "The model, as the client named it.");
  command->add_option("--upstream", terms[audit::Field::upstream], "The upstream.");
  command->add_option("--zone", terms[audit::Field::zone], "Its zone.");
  command->add_option("--decision", terms[audit::Field::decision],
                      "allow, annotate, redact, deny or error.");
  command->add_option("--rule", terms[audit::Field::rule],
                      "A rule that fired, also in shadow, or decided on access.");
  command->add_option("--type", terms[audit::Field::type],
                      "A type of what was found, in request or answer.");
  command->add_option("--error", terms[audit::Field::error],
                      "The code of the error that ended it.");
  command->add_option("--score", options->score, "NAME>=NUMBER or NAME<NUMBER: injection>=0.8.");
  command->add_option("--exchange", options->exchange, "The exchange's id.");
  command->add_option("--since", options->since,
                      "Not before this time: 2026-11-22T02:33 (UTC), or 24h ago.");
  command->add_option("--until", options->until, "Before this time.");
  command->add_option("--limit", options->limit, "How many at most: 100 unless given.")
      ->check(CLI::Range(std::size_t{1}, found_max));
  command->add_flag("--scan", options->scan, "Read the whole log, and do not use the index.");
  command->add_flag("--json", options->json, "Print JSON.");
  command->callback([options, &exit_code] { exit_code = find(*options); });
}

}  // namespace

void add_audit_find(CLI::App& audit, int& exit_code) {
  add_find(audit, exit_code);
  auto* command = audit.add_subcommand(
      "index", "Says how much of the log the index has. It is filled by the gateway.");
  auto options = std::make_shared<IndexOptions>();
  command->add_option("--config", options->config, "The gateway's configuration.");
  command->add_option("--store", options->store, "The store's folder, instead of --config.");
  command->add_flag("--rebuild", options->rebuild,
                    "Make it anew from the log; a gateway that runs does so itself.");
  command->add_flag("--json", options->json, "Print JSON.");
  command->callback([options, &exit_code] { exit_code = show_index(*options); });
}

}  // namespace menshen::cli
