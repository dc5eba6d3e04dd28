// Reading the index.
#include "audit/index_tables.h"
#include "audit/layout.h"
#include "store/files.h"

namespace menshen::audit {
namespace {

constexpr int lookup_busy_ms = 5'000;  // longer than a commit of the writer takes

// Which of the marks are this one.
Places places_of(std::string_view marks, std::string_view mark) {
  Places out;
  for (std::size_t place = 0; place < tile_width && marks.size() >= mark.size(); ++place) {
    if (marks.starts_with(mark)) out.set(place);
    marks.remove_prefix(mark.size());
  }
  return out;
}

}  // namespace

struct IndexLookup::State {
  store::Database db;
  IndexPosition position;
  store::Statement last_posting, last_marks;
};

IndexLookup::IndexLookup(std::unique_ptr<State> state) : state_(std::move(state)) {}
IndexLookup::~IndexLookup() = default;

core::Result<std::unique_ptr<IndexLookup>> IndexLookup::open(
    const std::filesystem::path& directory) {
  const auto path = directory / layout::index;
  const auto there = store::exists(path, index_unavailable);
  if (!there) return there.error();
  if (!*there) return std::unique_ptr<IndexLookup>{};
  auto db = store::Database::open(path, {.mode = store::OpenMode::read_only,
                                         .code = index_unavailable,
                                         .busy_timeout_ms = lookup_busy_ms,
                                         .damaged_code = index_damaged});
  if (!db) return db.error();
  const auto version = db->query_integer("PRAGMA user_version");
  if (!version) return version.error();
  if (*version != index_version) return std::unique_ptr<IndexLookup>{};
  auto position = index_tables::read_position(*db);
  if (!position) return position.error();
  auto state = std::make_unique<State>();
  state->db = std::move(*db);
  state->position = std::move(*position);
  const std::pair<store::Statement*, std::string_view> all[] = {
      {&state->last_posting,
       "SELECT bundle, places FROM postings WHERE term = ?1 AND bundle <= ?2"
       " ORDER BY bundle DESC LIMIT 1"},
      {&state->last_marks,
       "SELECT bundle, marks FROM exchanges WHERE bundle <= ?1 ORDER BY bundle DESC"}};
  for (const auto& [statement, sql] : all) {
    auto prepared = state->db.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return std::unique_ptr<IndexLookup>(new IndexLookup(std::move(state)));
}

const IndexPosition& IndexLookup::position() const noexcept { return state_->position; }

core::Result<IndexLookup::Ids> IndexLookup::ids_of(Field field, std::string_view value,
                                                   std::int32_t score_min, std::int32_t score_max) {
  auto rows = store::query(state_->db,
                           "SELECT term FROM terms WHERE field = ?1 AND value = ?2"
                           " AND tenth BETWEEN ?3 AND ?4",
                           static_cast<int>(field), value, index_tables::tenth_of(score_min),
                           index_tables::tenth_of(score_max));
  if (!rows) return rows.error();
  Ids out;
  auto row = rows->step();
  for (; row && *row; row = rows->step()) out.push_back(rows->integer(0));
  if (!row) return row.error();
  return out;
}

core::Result<std::optional<IndexLookup::Posting>> IndexLookup::last_of(
    std::span<const std::int64_t> ids, std::uint64_t bundle) {
  std::optional<Posting> out;
  store::Statement& query = state_->last_posting;
  for (const std::int64_t id : ids) {
    const auto row = query.bind(1, id).bind(2, bundle).step();
    if (row && *row) {
      const Posting found{query.unsigned_integer(0), Places::decode(query.text(1))};
      if (!out || found.bundle > out->bundle) {
        out = found;
      } else if (found.bundle == out->bundle) {
        out->places |= found.places;
      }
    }
    query.reset();
    if (!row) return row.error();
  }
  return out;
}

core::Result<std::optional<IndexLookup::Posting>> IndexLookup::last_of_exchange(
    std::string_view exchange, std::uint64_t bundle) {
  const std::string mark = index_tables::mark_of(exchange);
  store::Statement& query = state_->last_marks;
  std::optional<Posting> out;
  auto row = query.bind(1, bundle).step();
  for (; row && *row; row = query.step()) {
    const Places places = places_of(query.text(1), mark);
    if (places.count() == 0) continue;
    out = {query.unsigned_integer(0), places};
    break;
  }
  query.reset();
  if (!row) return row.error();
  return out;
}

core::Result<std::pair<std::uint64_t, std::uint64_t>> IndexLookup::bundles_in(
    std::int64_t since_ns, std::int64_t until_ns) {
  auto row = store::query(
      state_->db,
      "SELECT coalesce((SELECT min(bundle) FROM bundles WHERE last_ns >= ?1), 9223372036854775807),"
      " coalesce((SELECT max(bundle) + 1 FROM bundles WHERE first_ns < ?2), 0)",
      since_ns, until_ns);
  if (!row) return row.error();
  const auto there = row->step();
  if (!there) return there.error();
  return std::pair(row->unsigned_integer(0), row->unsigned_integer(1));
}

}  // namespace menshen::audit
