#include "audit/proof.h"

#include "audit/canonical.h"
#include "audit/files.h"
#include "audit/joined.h"
#include "audit/layout.h"
#include "audit/lines.h"
#include "audit/reader.h"
#include "audit/search.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace menshen::audit {
namespace {

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view index_word = "index ";
constexpr std::size_t path_max = 63;

core::Error malformed(const char* why) {
  return core::client_error(core::ErrorKind::invalid_request, "malformed_proof", why);
}

core::Error missing(const char* code, std::string message) {
  return core::gateway_error(core::ErrorKind::not_found, code, std::move(message));
}

core::Error not_there(std::uint64_t seq) {
  return missing("no_such_record", "Record " + std::to_string(seq) + " is not in the log.");
}

core::Result<Hash> stored_leaf(LogReader& log, std::uint64_t seq) {
  const auto record = log.read(seq, 1);
  if (!record) return record.error();
  if (record->empty() || record->front().seq != seq || !record->front().leaf) return not_there(seq);
  return *record->front().leaf;
}

core::Error not_covered(LogReader& log, std::uint64_t seq) {
  const auto extent = log.extent();
  if (!extent) return extent.error();
  if (seq < extent->records)
    return missing("record_not_signed",
                   "No published head covers record " + std::to_string(seq) + " yet.");
  return missing("no_such_record",
                 "The log holds " + std::to_string(extent->records) + " records.");
}

// The tiles of a head, the partial ones included: three or four of them have every hash of a proof.
class HeadTiles {
 public:
  HeadTiles(const TileStore& tiles, std::uint64_t size) : tiles_(tiles), size_(size) {}

  // Absent where a tile is not there, or is none.
  std::optional<Hash> node(const Subtree& subtree) {
    const unsigned level = subtree.level / tile_height;
    const unsigned above = subtree.level % tile_height;
    const std::uint64_t first = subtree.index << above;
    const std::span<const Hash> hashes = tile(level, first / tile_width);
    const std::size_t begin = first % tile_width;
    const std::size_t count = std::size_t{1} << above;
    if (begin + count > hashes.size()) return std::nullopt;
    return subtree_root(hashes.subspan(begin, count));
  }

 private:
  std::span<const Hash> tile(unsigned level, std::uint64_t index) {
    const auto [known, added] = read_.try_emplace({level, index});
    const std::uint64_t hashes = size_ >> (tile_height * level);
    const std::uint64_t first = index * tile_width;
    if (!added || first >= hashes) return known->second;
    const std::uint64_t width = std::min(tile_width, hashes - first);
    if (auto found = tiles_.first_hashes(level, index, width)) known->second = std::move(*found);
    return known->second;
  }

  const TileStore& tiles_;
  const std::uint64_t size_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> read_;
};

}  // namespace

core::Result<std::optional<std::uint64_t>> find_exchange(const std::filesystem::path& directory,
                                                         std::string_view exchange) {
  for (const bool scan : {false, true}) {
    const auto found =
        search(directory, {.exchange = std::string(exchange), .records_max = 2, .scan = scan});
    if (!found) return found.error();
    // What was computed for the log's own sake says nothing of what became of it.
    for (const StoredRecord& record : found->records) {
      const auto parsed = parse_record(record.body);
      if (!parsed || parsed->record.type != RecordType::scores) return std::optional(record.seq);
    }
  }
  return std::optional<std::uint64_t>{};
}

core::Result<LogProof> prove(const std::filesystem::path& directory, std::uint64_t seq) {
  auto log = LogReader::open(directory);
  if (!log) return log.error();
  auto checkpoint = read_file(directory / layout::witnessed, note_bytes_max);
  if (checkpoint && (!*checkpoint || claimed_size(**checkpoint, 0) <= seq))
    checkpoint = read_file(directory / layout::checkpoint, note_bytes_max);
  if (!checkpoint) return checkpoint.error();
  const std::uint64_t size = *checkpoint ? claimed_size(**checkpoint, 0) : 0;
  if (seq >= size) return not_covered(*log, seq);
  const auto sealed = log->tiles().records();
  if (!sealed) return sealed.error();
  const auto record = log->read(seq, 1);
  if (!record) return record.error();
  if (record->empty() || record->front().seq != seq) return not_there(seq);
  const auto leaf = [&](std::uint64_t number) { return stored_leaf(*log, number); };
  HeadTiles tiles(log->tiles(), size);
  auto path = inclusion_proof(seq, size, [&](const Subtree& subtree) -> core::Result<Hash> {
    if (const auto hash = tiles.node(subtree)) return *hash;
    return log->tiles().node(subtree, *sealed, leaf);
  });
  if (!path) return path.error();
  return LogProof{seq, std::move(*path), std::move(**checkpoint), record->front().body};
}

core::Result<std::optional<LogProof>> prove_intent(const std::filesystem::path& directory,
                                                   const LogProof& outcome) {
  auto own = parse_record(outcome.record);
  const std::uint64_t seq = own ? own->record.intent : 0;
  if (seq == 0) return std::optional<LogProof>{};
  // One that stands behind it was not there when it was written.
  if (seq < outcome.index) {
    auto proof = prove(directory, seq);
    if (!proof) return proof.error();
    const auto intent = parse_record(proof->record);
    if (intent && join(own->record, intent->record)) return std::optional(std::move(*proof));
  }
  return core::gateway_error(core::ErrorKind::unavailable, "wrong_intent",
                             "Record " + std::to_string(outcome.index) + " refers to record " +
                                 std::to_string(seq) +
                                 ", which is no intent of its exchange: run `menshen audit "
                                 "verify`.");
}

std::string to_text(const LogProof& proof) {
  std::string out(first_line);
  out.append(index_word).append(std::to_string(proof.index)).append("\n");
  for (const Hash& hash : proof.path) out.append(core::to_base64(core::as_text(hash))).append("\n");
  return out.append("\n").append(proof.checkpoint);
}

core::Result<LogProof> parse_proof(std::string_view text) {
  if (!text.starts_with(first_line)) return malformed("The first line is not that of a proof.");
  text.remove_prefix(first_line.size());
  LogProof proof;
  auto line = take_line(text);
  if (line && line->starts_with("extra ")) line = take_line(text);
  const bool named = line && line->starts_with(index_word);
  const auto index = named ? parse_number(line->substr(index_word.size())) : std::nullopt;
  if (!index) return malformed("The index is not a decimal number.");
  proof.index = *index;
  for (line = take_line(text); line && !line->empty(); line = take_line(text)) {
    const auto bytes = core::from_base64(*line);
    const auto hash = bytes ? parse_hash(*bytes) : std::nullopt;
    if (!hash) return malformed("A hash is not of 32 bytes in base64.");
    if (proof.path.size() == path_max) return malformed("The proof is longer than any can be.");
    proof.path.push_back(*hash);
  }
  if (!line) return malformed("The proof ends before its head.");
  proof.checkpoint = std::string(text);
  return proof;
}

core::Result<Checkpoint> check_proof(const LogProof& proof, std::string_view record,
                                     const NoteVerifier& verifier) {
  auto head = open_checkpoint(proof.checkpoint, verifier);
  if (!head) return head;
  if (verify_inclusion(leaf_hash(record), proof.index, head->size, proof.path, head->root))
    return head;
  return core::client_error(core::ErrorKind::invalid_request, "wrong_proof",
                            "The record is not the one that the proof is about.");
}

}  // namespace menshen::audit
