#include "audit/index_file.h"

#include "audit/files.h"
#include "audit/index_tables.h"
#include "audit/layout.h"
#include "store/sqlite.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <limits>
#include <unordered_map>

namespace menshen::audit {
namespace {

constexpr std::size_t listed_places_max = 31;
constexpr std::size_t bitmap_bytes = tile_width / 8;
constexpr std::size_t known_terms_max = 65'536;

// What a reader may see of it is whole; what the last second has written may be lost with the
// power, and is read from the log again. No write-ahead log: its memory is a mapped file, and who
// cuts that off ends the process.
constexpr const char* index_settings =
    "PRAGMA journal_mode=TRUNCATE;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-16384;"
    "PRAGMA trusted_schema=OFF";

constexpr const char* index_tables = R"sql(
CREATE TABLE position(
  id INTEGER PRIMARY KEY CHECK(id = 1), records INTEGER NOT NULL, leaf BLOB NOT NULL);
CREATE TABLE bundles(
  bundle INTEGER PRIMARY KEY, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL);
CREATE TABLE exchanges(bundle INTEGER PRIMARY KEY, marks BLOB NOT NULL);
CREATE TABLE terms(
  term INTEGER PRIMARY KEY, field INTEGER NOT NULL, value TEXT NOT NULL, tenth INTEGER NOT NULL,
  UNIQUE(field, value, tenth));
CREATE TABLE postings(
  term INTEGER NOT NULL, bundle INTEGER NOT NULL, places BLOB NOT NULL,
  PRIMARY KEY(term, bundle)) WITHOUT ROWID;
INSERT INTO position VALUES(1, 0, x''))sql";

core::Result<void> prepare_tables(const store::Database& db) {
  const auto version = db.query_integer("PRAGMA user_version");
  if (!version) return version.error();
  if (*version == 0) {
    auto transaction = store::Transaction::begin(db);
    if (!transaction) return transaction.error();
    if (const auto made = db.execute(index_tables); !made) return made;
    const std::string numbered = "PRAGMA user_version=" + std::to_string(index_version);
    if (const auto done = db.execute(numbered.c_str()); !done) return done;
    return transaction->commit();
  }
  if (*version == index_version) return {};
  return core::gateway_error(core::ErrorKind::unavailable, index_damaged,
                             "The index is of another version of Menshen.", db.origin().path);
}

// A term, and which records of the bundle under way have it.
struct KnownTerm {
  std::int64_t id = 0;
  Places places{};
  bool touched = false;  // by this bundle
  bool changed = false;  // since it was written
};

// Which file, and when it was written to last.
struct FileMark {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  time_t written_s = 0;
  long written_ns = 0;
  bool operator==(const FileMark&) const = default;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

}  // namespace

std::string Places::encode() const {
  std::string out;
  if (count() <= listed_places_max) {
    for (std::size_t place = 0; place < tile_width; ++place) {
      if (test(place)) out.push_back(static_cast<char>(place));
    }
    return out;
  }
  for (std::size_t i = 0; i < bitmap_bytes; ++i)
    out.push_back(static_cast<char>(words_[i / 8] >> 8 * (i % 8) & 0xFFU));
  return out;
}

Places Places::decode(std::string_view bytes) noexcept {
  Places out;
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes.size() != bitmap_bytes) {
      out.set(octet(i));
    } else {
      out.words_[i / 8] |= std::uint64_t{octet(i)} << 8 * (i % 8);
    }
  }
  return out;
}

namespace index_tables {

int tenth_of(std::int32_t score) noexcept { return score < 0 ? 11 : std::min(score / 1'000, 10); }

std::string mark_of(std::string_view exchange) {
  std::uint32_t hash = 2'166'136'261U;  // FNV-1a
  for (const char c : exchange) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  std::string out;
  for (std::size_t i = mark_bytes; i-- > 0;) out.push_back(static_cast<char>(hash >> 8 * i));
  return out;
}

core::Result<IndexPosition> read_position(const store::Database& db) {
  auto row = store::query(db, "SELECT records, leaf FROM position");
  if (!row) return row.error();
  const auto there = row->step();
  if (!there) return there.error();
  if (!*there || row->integer(0) < 0)
    return core::gateway_error(core::ErrorKind::unavailable, index_damaged,
                               "The index does not say how far it goes.", db.origin().path);
  return IndexPosition{row->unsigned_integer(0), std::string(row->text(1))};
}

}  // namespace index_tables

struct IndexWriter::State {
  store::Database db;
  std::filesystem::path path;
  std::vector<FileMark> marks_left;  // of the files as they were left
  store::Statement find_term, add_term, put_places, put_bundle, put_marks, put_position;
  std::optional<store::Transaction> transaction;

  IndexPosition position;
  std::uint64_t next = 0;
  std::string last_body;

  // Of the bundle under way.
  std::unordered_map<std::string, KnownTerm, TextHash, std::equal_to<>> terms;
  std::vector<KnownTerm*> touched;
  std::string marks;
  std::int64_t first_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ns = std::numeric_limits<std::int64_t>::min();

  RecordTerms record;
  std::string key;  // scratch

  core::Result<void> prepare();
  [[nodiscard]] core::Result<std::vector<FileMark>> look() const;
  core::Result<KnownTerm*> known(const Term& term);
  core::Result<std::int64_t> id_of(const Term& term, int tenth);
  core::Result<void> write_bundle(std::uint64_t bundle);
  void begin_bundle();
};

core::Result<std::vector<FileMark>> IndexWriter::State::look() const {
  std::vector<FileMark> out;
  for (const std::string_view beside : {"", "-journal"}) {
    const std::string file = path.string().append(beside);
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0) {
      if (errno != ENOENT || beside.empty())
        return store::file_error(file, errno, index_unavailable);
      found = {};
    }
    out.push_back(
        {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec});
  }
  return out;
}

core::Result<void> IndexWriter::State::prepare() {
  const std::pair<store::Statement*, std::string_view> all[] = {
      {&find_term, "SELECT term FROM terms WHERE field = ?1 AND value = ?2 AND tenth = ?3"},
      {&add_term, "INSERT INTO terms(field, value, tenth) VALUES(?1, ?2, ?3) RETURNING term"},
      {&put_places, "INSERT OR REPLACE INTO postings VALUES(?1, ?2, ?3)"},
      {&put_bundle, "INSERT OR REPLACE INTO bundles VALUES(?1, ?2, ?3)"},
      {&put_marks, "INSERT OR REPLACE INTO exchanges VALUES(?1, ?2)"},
      {&put_position, "UPDATE position SET records = ?1, leaf = ?2"}};
  for (const auto& [statement, sql] : all) {
    auto prepared = db.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return {};
}

core::Result<std::int64_t> IndexWriter::State::id_of(const Term& term, int tenth) {
  for (store::Statement* statement : {&find_term, &add_term}) {
    statement->bind(1, static_cast<std::int64_t>(term.field)).bind_text(2, term.value);
    statement->bind(3, std::int64_t{tenth});
    const auto row = statement->step();
    const std::int64_t id = row && *row ? statement->integer(0) : 0;
    statement->reset();
    if (!row) return row.error();
    if (*row) return id;
  }
  return 0;
}

core::Result<KnownTerm*> IndexWriter::State::known(const Term& term) {
  const int tenth = index_tables::tenth_of(term.score);
  key.assign({static_cast<char>(term.field), static_cast<char>(tenth)}).append(term.value);
  if (const auto found = terms.find(std::string_view(key)); found != terms.end())
    return &found->second;
  const auto id = id_of(term, tenth);
  if (!id) return id.error();
  return &terms.emplace(key, KnownTerm{.id = *id}).first->second;
}

core::Result<void> IndexWriter::State::write_bundle(std::uint64_t bundle) {
  std::ranges::sort(touched, {}, &KnownTerm::id);
  for (KnownTerm* term : touched) {
    if (!term->changed) continue;
    const std::string places = term->places.encode();
    put_places.bind(1, term->id).bind(2, bundle).bind_blob(3, places);
    if (const auto put = put_places.run(); !put) return put;
    term->changed = false;
  }
  put_marks.bind(1, bundle).bind_blob(2, marks);
  if (const auto put = put_marks.run(); !put) return put;
  return put_bundle.bind(1, bundle).bind(2, first_ns).bind(3, last_ns).run();
}

void IndexWriter::State::begin_bundle() {
  for (KnownTerm* term : touched) *term = {.id = term->id};
  touched.clear();
  marks.clear();
  first_ns = std::numeric_limits<std::int64_t>::max();
  last_ns = std::numeric_limits<std::int64_t>::min();
  if (terms.size() > known_terms_max) terms.clear();
}

IndexWriter::IndexWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
IndexWriter::~IndexWriter() = default;

core::Result<std::unique_ptr<IndexWriter>> IndexWriter::open(
    const std::filesystem::path& directory) {
  const auto path = directory / layout::index;
  auto db = store::Database::open(
      path,
      {.mode = store::OpenMode::create, .code = index_unavailable, .damaged_code = index_damaged});
  if (!db) return db.error();
  if (const auto set = db->execute(index_settings); !set) return set.error();
  if (const auto made = prepare_tables(*db); !made) return made.error();
  auto position = index_tables::read_position(*db);
  if (!position) return position.error();
  auto state = std::make_unique<State>();
  state->db = std::move(*db);
  state->path = path;
  state->position = std::move(*position);
  state->next = state->position.records / tile_width * tile_width;
  if (const auto prepared = state->prepare(); !prepared) return prepared.error();
  auto looked = state->look();
  if (!looked) return looked.error();
  state->marks_left = std::move(*looked);
  return std::unique_ptr<IndexWriter>(new IndexWriter(std::move(state)));
}

const IndexPosition& IndexWriter::position() const noexcept { return state_->position; }
std::uint64_t IndexWriter::next() const noexcept { return state_->next; }
core::Result<void> IndexWriter::untouched() const {
  const auto now = state_->look();
  if (!now) return now.error();
  if (*now == state_->marks_left) return {};
  return core::gateway_error(core::ErrorKind::unavailable, index_damaged,
                             "somebody else has changed it", state_->path.string());
}

core::Result<void> IndexWriter::begin() {
  auto begun = store::Transaction::begin(state_->db);
  if (!begun) return begun.error();
  state_->transaction.emplace(std::move(*begun));
  return {};
}

core::Result<void> IndexWriter::add(std::string_view body, const Bodies& intents) {
  State& state = *state_;
  const std::size_t place = state.next % tile_width;
  if (place == 0) state.begin_bundle();
  if (state.record.read(body)) {
    state.first_ns = std::min(state.first_ns, state.record.time_ns());
    state.last_ns = std::max(state.last_ns, state.record.time_ns());
  }
  if (const std::uint64_t seq = state.record.intent(); seq > 0 && seq < state.next) {
    const auto intent = intents(seq);
    if (!intent) return intent.error();
    state.record.join(*intent);
  }
  state.marks.append(index_tables::mark_of(state.record.exchange()));
  for (const Term& term : state.record.terms()) {
    const auto known = state.known(term);
    if (!known) return known.error();
    KnownTerm& entry = **known;
    if (!entry.touched) state.touched.push_back(&entry);
    entry.touched = entry.changed = true;
    entry.places.set(place);
  }
  state.last_body.assign(body);
  ++state.next;
  if (state.next % tile_width != 0) return {};
  return state.write_bundle(state.next / tile_width - 1);
}

core::Result<void> IndexWriter::commit() {
  State& state = *state_;
  if (state.next > state.position.records) {
    const std::uint64_t bundle = state.next / tile_width;
    if (state.next % tile_width != 0) {
      if (const auto written = state.write_bundle(bundle); !written) return written;
    }
    const Hash leaf = leaf_hash(state.last_body);
    IndexPosition position{state.next, std::string(core::as_text(leaf))};
    state.put_position.bind(1, position.records).bind_blob(2, position.leaf);
    if (const auto put = state.put_position.run(); !put) return put;
    state.position = std::move(position);
  }
  const auto committed = state.transaction->commit();
  state.transaction.reset();
  if (!committed) return committed;
  auto looked = state.look();
  if (!looked) return looked.error();
  state.marks_left = std::move(*looked);
  return {};
}

core::Result<void> remove_index(const std::filesystem::path& directory, bool set_aside) {
  const auto path = directory / layout::index;
  const auto failed = [&](int number) {
    return store::file_error(path, number, index_unavailable);
  };
  // The file itself last: what is beside it must never stand beside another one.
  for (const char* beside : {"-journal", "-wal", "-shm"}) {
    auto file = path;
    file += beside;
    if (std::remove(file.c_str()) != 0 && errno != ENOENT) return failed(errno);
  }
  const int result = set_aside
                         ? std::rename(path.c_str(), (directory / layout::damaged_index).c_str())
                         : std::remove(path.c_str());
  if (result != 0 && errno != ENOENT) return failed(errno);
  return {};
}

}  // namespace menshen::audit
