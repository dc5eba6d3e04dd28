#include "audit/witness_store.h"

#include "audit/layout.h"
#include "audit/small_log_testing.h"
#include "audit/test_support.h"

#include <atomic>
#include <thread>

namespace menshen::audit {
namespace {

using Verdict = WitnessVerdict;

class WitnessClock final : public core::Clock {
 public:
  [[nodiscard]] std::int64_t wall_ns() const noexcept override { return seconds * 1'000'000'000; }
  [[nodiscard]] std::int64_t monotonic_ns() const noexcept override { return wall_ns(); }
  std::atomic<std::int64_t> seconds{1'700'000'000};
};

class WitnessStoreTest : public ::testing::Test {
 protected:
  WitnessStoreTest() { key_ = make_witness_key(var(), "witness.example/w1").value().key().vkey(); }

  [[nodiscard]] std::filesystem::path var() const { return dir_.path() / "var"; }
  [[nodiscard]] std::filesystem::path head_file() const {
    return var() / (core::to_hex(core::as_text(core::sha256("log"))) + ".head");
  }
  void open() {
    store_.reset();
    store_ = WitnessStore::open({var(), {log_.key()}}, clock_).value();
  }
  std::string open_error() {
    store_.reset();
    const auto opened = WitnessStore::open({var(), {log_.key()}}, clock_);
    return opened ? "none" : opened.error().code;
  }
  Verdict add(const Submission& submission) { return store_->add(to_text(submission)).verdict; }
  std::uint64_t size_after(const Submission& submission) {
    return store_->add(to_text(submission)).size;
  }
  [[nodiscard]] std::vector<Witness> known() const {
    return {{WitnessVerifier::parse(key_).value(), "auditor"}};
  }

  WitnessClock clock_;
  SmallLog log_{"log"};
  std::unique_ptr<WitnessStore> store_;
  std::string key_;

 private:
  TemporaryDirectory dir_;
};

TEST_F(WitnessStoreTest, CosignsALogThatGrows) {
  open();
  std::uint64_t older = 0;
  for (const std::uint64_t size : {0U, 1U, 1U, 2U, 255U, 256U, 257U, 600U}) {
    const Submission submission = log_.from(older, size);
    const WitnessAnswer answer = store_->add(to_text(submission));
    ASSERT_EQ(answer.verdict, Verdict::cosigned) << size << ": " << answer.what;
    EXPECT_EQ(answer.size, size);
    EXPECT_EQ(answer.origin, "log");
    const auto found = cosignatures_of(submission.note + answer.line, known()).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].time, 1'700'000'000U);
    older = size;
  }
}

TEST_F(WitnessStoreTest, SaysWhatItCosignedLast) {
  open();
  ASSERT_EQ(add(log_.from(0, 300)), Verdict::cosigned);
  for (const auto& [older, newer] : {std::pair{0, 300}, {0, 500}, {299, 500}, {301, 500}, {7, 9}}) {
    const Submission submission =
        log_.from(static_cast<std::uint64_t>(older), static_cast<std::uint64_t>(newer));
    EXPECT_EQ(add(submission), Verdict::other_size);
    EXPECT_EQ(size_after(submission), 300U);
  }
  // A log that was cut, whatever it claims.
  EXPECT_EQ(add({300, {}, log_.note(299)}), Verdict::malformed);
}

TEST_F(WitnessStoreTest, RefusesAnotherHistory) {
  const SmallLog other("log", "rewritten");
  open();
  ASSERT_EQ(add(log_.from(0, 300)), Verdict::cosigned);
  EXPECT_EQ(add(other.from(300, 300)), Verdict::other_root);
  EXPECT_EQ(add(other.from(300, 400)), Verdict::wrong_proof);
  Submission right = log_.from(300, 400);
  ASSERT_FALSE(right.proof.empty());
  for (std::size_t i = 0; i < right.proof.size(); ++i) {
    Submission wrong = right;
    wrong.proof[i][0] ^= 1;
    EXPECT_EQ(add(wrong), Verdict::wrong_proof);
  }
  Submission longer = right;
  longer.proof.push_back(longer.proof.back());
  EXPECT_EQ(add(longer), Verdict::wrong_proof);
  Submission shorter = right;
  shorter.proof.pop_back();
  EXPECT_EQ(add(shorter), Verdict::wrong_proof);
  Submission again = log_.from(300, 300);
  again.proof = right.proof;
  EXPECT_EQ(add(again), Verdict::wrong_proof);
  EXPECT_EQ(add(right), Verdict::cosigned);
}

// Two signed heads are evidence; a proof is not signed, and anybody may send a wrong one.
TEST_F(WitnessStoreTest, KeepsTwoHeadsThatContradictEachOther) {
  const SmallLog other("log", "rewritten");
  std::filesystem::path file = head_file();
  file.replace_extension(".contradiction");
  open();
  const auto contradiction = [&](const Submission& submission) {
    return store_->add(to_text(submission)).contradiction;
  };
  EXPECT_EQ(contradiction(log_.from(0, 300)), "");
  EXPECT_EQ(contradiction({300, {}, log_.note(400)}), "");
  EXPECT_EQ(contradiction(other.from(300, 400)), "");
  EXPECT_EQ(contradiction(log_.from(0, 300)), "");
  const NoteSigner forger = NoteSigner::from_seed("log", {1}).value();
  EXPECT_EQ(contradiction({300, {}, sign_checkpoint({"log", 300, other.root(300)}, forger)}), "");
  EXPECT_FALSE(std::filesystem::exists(file));

  // Whatever old size it comes with.
  EXPECT_EQ(contradiction(other.from(0, 300)), file.string());
  EXPECT_EQ(add(log_.from(300, 400)), Verdict::cosigned);
  EXPECT_EQ(contradiction(other.from(400, 400)), file.string());
  open();
  const PublishedNotes kept = split_published(read_text(file));
  ASSERT_EQ(kept.notes.size(), 2U);
  EXPECT_EQ(open_checkpoint(kept.notes[0], log_.key())->root, log_.root(300));
  EXPECT_EQ(cosignatures_of(kept.notes[0], known())->size(), 1U);
  EXPECT_EQ(open_checkpoint(kept.notes[1], log_.key())->root, other.root(300));
  EXPECT_EQ(cosignatures_of(kept.notes[1], known())->size(), 0U);
}

TEST_F(WitnessStoreTest, AContradictionThatCannotBeKeptIsTold) {
  open();
  ASSERT_EQ(add(log_.from(0, 300)), Verdict::cosigned);
  std::filesystem::rename(var(), var().parent_path() / "away");
  const WitnessAnswer answer = store_->add(to_text(SmallLog("log", "rewritten").from(300, 300)));
  EXPECT_EQ(answer.verdict, Verdict::other_root);
  EXPECT_NE(answer.contradiction.find("evidence_unavailable"), std::string::npos);
}

TEST_F(WitnessStoreTest, BeforeTheFirstHeadThereIsNothingToProve) {
  open();
  Submission submission = log_.from(0, 5);
  submission.proof = {Hash{}};
  EXPECT_EQ(add(submission), Verdict::wrong_proof);
  const NoteSigner signer = NoteSigner::from_seed("log", {9, 9, 9}).value();
  EXPECT_EQ(add({0, {}, sign_checkpoint({"log", 0, Hash{}}, signer)}), Verdict::wrong_proof);
  EXPECT_EQ(add(log_.from(0, 0)), Verdict::cosigned);
}

// While two keys sign, a witness that knows either goes on; it learns the newer one then.
TEST_F(WitnessStoreTest, ALogWithAnotherKey) {
  const NoteSigner newer = NoteSigner::from_seed("log", {8}).value();
  const auto open_with = [&](std::vector<NoteVerifier> keys) {
    store_.reset();
    auto opened = WitnessStore::open({var(), std::move(keys)}, clock_);
    if (opened) store_ = std::move(*opened);
    return store_ ? "none" : opened.error().code;
  };
  const auto by_both = [&](std::uint64_t from, std::uint64_t size) {
    Submission out = log_.from(from, size);
    out.note += signature_line(newer.verifier(), newer.sign(parse_note(out.note)->text));
    return out;
  };
  open();
  EXPECT_EQ(add(by_both(0, 300)), Verdict::cosigned);
  // The head that it keeps has the signature of the key that it knew.
  EXPECT_EQ(open_with({newer.verifier()}), "witness_state_damaged");
  EXPECT_EQ(open_with({log_.key(), newer.verifier()}), "none");
  EXPECT_EQ(add(by_both(300, 400)), Verdict::cosigned);
  EXPECT_EQ(open_with({newer.verifier()}), "none");
  EXPECT_EQ(add(log_.from(400, 500)), Verdict::not_signed);
  EXPECT_EQ(add(by_both(400, 500)), Verdict::cosigned);
}

TEST_F(WitnessStoreTest, KnowsLogsByNameAndKey) {
  open();
  EXPECT_EQ(add(SmallLog("another").from(0, 3)), Verdict::unknown_log);
  const NoteSigner forger = NoteSigner::from_seed("log", {1}).value();
  const std::string forged = sign_checkpoint({"log", 3, log_.root(3)}, forger);
  EXPECT_EQ(add({0, {}, forged}), Verdict::not_signed);
  // A signature in the log's name that does not hold spoils a note that is signed otherwise.
  const std::string wrong = log_.note(4).substr(log_.note(4).rfind("\u2014"));
  EXPECT_EQ(add({0, {}, log_.note(3) + wrong}), Verdict::not_signed);
  // What others signed is passed over, and not kept.
  const std::string others = forged.substr(forged.rfind("\u2014"));
  EXPECT_EQ(add({0, {}, log_.note(3) + others}), Verdict::cosigned);
  EXPECT_EQ(read_text(head_file()).find(others), std::string::npos);
}

TEST_F(WitnessStoreTest, AHeadWithManySignaturesIsKeptInAFormThatIsReadAgain) {
  open();
  std::string note = log_.note(3);
  const std::string line = note.substr(note.rfind("\u2014"));
  while (parse_note(note + line)) note += line;
  ASSERT_EQ(add({0, {}, note}), Verdict::cosigned);
  open();
  EXPECT_EQ(add(log_.from(3, 4)), Verdict::cosigned);
}

// The cosignature makes the file longer than the body that brought the head.
TEST_F(WitnessStoreTest, AHeadThatCouldNotBeReadAgainIsNotCosigned) {
  const std::size_t rest = to_text({0, {}, log_.extended_note(3, "x")}).size() - 1;
  open();
  const auto add_of_bytes = [&](std::size_t bytes) {
    return add({0, {}, log_.extended_note(3, std::string(bytes - rest, 'x'))});
  };
  EXPECT_EQ(add_of_bytes(submission_bytes_max + 1), Verdict::malformed);
  std::size_t bytes = submission_bytes_max;
  for (; add_of_bytes(bytes) == Verdict::malformed; --bytes) {
    ASSERT_GT(bytes, submission_bytes_max - 1024);
    EXPECT_FALSE(std::filesystem::exists(head_file()));
  }
  EXPECT_LT(bytes, submission_bytes_max);
  EXPECT_EQ(std::filesystem::file_size(head_file()), submission_bytes_max);
  EXPECT_EQ(open_error(), "none");
  open();
  EXPECT_EQ(add(log_.from(3, 4)), Verdict::cosigned);
}

TEST_F(WitnessStoreTest, MalformedSubmissions) {
  open();
  const std::string note = log_.note(3);
  const std::string hash = core::to_base64(core::as_text(empty_root())) + "\n";
  std::string proof;
  for (std::size_t i = 0; i < submission_proof_max; ++i) proof += hash;
  const std::string table[] = {"",
                               note,
                               "old\n\n" + note,
                               "old 00\n\n" + note,
                               "old -1\n\n" + note,
                               "old 0 \n\n" + note,
                               "old  0\n\n" + note,
                               "Old 0\n\n" + note,
                               "old 0\n" + note,
                               "old 0\n\n",
                               "old 0\n",
                               "old 0",
                               "old 0\nAAAA\n\n" + note,
                               "old 0\n" + hash.substr(1) + "\n" + note,
                               "old 0\n" + proof + hash + "\n" + note,
                               "old 18446744073709551616\n\n" + note,
                               "old 0\n\n\n" + note,
                               "old 0\n\n" + note.substr(0, note.size() - 1)};
  for (const std::string& body : table) {
    EXPECT_EQ(store_->add(body).verdict, Verdict::malformed) << body.substr(0, 40);
  }
  // As many hashes as there may be, and the longest body: read, and judged.
  EXPECT_EQ(store_->add("old 0\n" + proof + "\n" + note).verdict, Verdict::wrong_proof);
  std::string longest = "old 0\n\n" + note;
  const std::string line = "\u2014 x " + core::to_base64(std::string(700, 'x')) + "\n";
  while (longest.size() + line.size() < submission_bytes_max) longest += line;
  const std::size_t last_name = longest.size() - line.size() + std::string("\u2014 ").size();
  longest.insert(last_name, submission_bytes_max - longest.size(), 'x');
  EXPECT_EQ(store_->add(std::string(longest).insert(last_name, 1, 'x')).verdict,
            Verdict::malformed);
  EXPECT_EQ(store_->add(longest).verdict, Verdict::cosigned);
}

TEST_F(WitnessStoreTest, WhatWasCosignedIsKnownAfterARestart) {
  open();
  ASSERT_EQ(add(log_.from(0, 300)), Verdict::cosigned);
  open();
  EXPECT_EQ(size_after(log_.from(0, 300)), 300U);
  EXPECT_EQ(add(log_.from(300, 400)), Verdict::cosigned);
  // The kept head is one of the log's, as a published file holds it.
  const PublishedNotes kept = split_published(read_text(head_file()));
  ASSERT_EQ(kept.notes.size(), 1U);
  EXPECT_EQ(open_checkpoint(kept.notes[0], log_.key())->size, 400U);
  EXPECT_EQ(cosignatures_of(kept.notes[0], known())->size(), 1U);
}

TEST_F(WitnessStoreTest, AStateThatItDidNotKeepIsRefused) {
  open();
  ASSERT_EQ(add(log_.from(0, 300)), Verdict::cosigned);
  const std::string kept = read_text(head_file());
  store_.reset();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    std::string changed = kept;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    write_text(head_file(), changed);
    EXPECT_NE(open_error(), "none") << i;
  }
  const std::string cosignature_of_another =
      WitnessSigner::generate("witness.example/w1")->cosign(parse_note(log_.note(3))->text, 1);
  for (const std::string& content :
       {std::string{}, log_.note(3) + "\n", log_.note(3) + cosignature_of_another + "\n",
        SmallLog("another").note(3) + "\n", kept.substr(0, kept.size() / 2)}) {
    write_text(head_file(), content);
    EXPECT_EQ(open_error(), "witness_state_damaged") << content;
  }
  write_text(head_file(), kept);
  EXPECT_EQ(open_error(), "none");
}

TEST_F(WitnessStoreTest, AClockThatWasSetBackIsRefused) {
  open();
  ASSERT_EQ(add(log_.from(0, 300)), Verdict::cosigned);
  clock_.seconds -= 1;
  EXPECT_EQ(add(log_.from(300, 301)), Verdict::unavailable);
  EXPECT_EQ(open_error(), "witness_clock");
  clock_.seconds += 1;
  open();
  EXPECT_EQ(add(log_.from(300, 301)), Verdict::cosigned);
}

TEST_F(WitnessStoreTest, WithoutItsDirectoryNothingIsCosigned) {
  open();
  const auto away = var().parent_path() / "away";
  std::filesystem::rename(var(), away);
  EXPECT_EQ(add(log_.from(0, 3)), Verdict::unavailable);
  std::filesystem::create_directory(var());
  EXPECT_EQ(add(log_.from(0, 3)), Verdict::unavailable);
  std::filesystem::remove(var());
  std::filesystem::rename(away, var());
  EXPECT_EQ(add(log_.from(0, 3)), Verdict::cosigned);
}

TEST_F(WitnessStoreTest, OneProcessHasTheDirectory) {
  open();
  const auto second = WitnessStore::open({var(), {log_.key()}}, clock_);
  EXPECT_EQ(second.error().code, "store_locked");
  EXPECT_EQ(second.error().message,
            "Another witness uses this directory. Stop it, or give this one its own.");
  EXPECT_EQ(make_witness_key(var(), "other").error().code, "store_locked");
  store_.reset();
  EXPECT_EQ(make_witness_key(var(), "other").error().code, "witness_key_there");
  std::filesystem::permissions(var(), std::filesystem::perms::group_write,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(open_error(), "store_unsafe");
}

TEST_F(WitnessStoreTest, WithoutAKeyItDoesNotOpen) {
  std::filesystem::remove(var() / layout::witness_key);
  EXPECT_EQ(open_error(), "witness_key_missing");
  write_text(var() / layout::witness_key, "PRIVATE+KEY+x\n");
  EXPECT_EQ(open_error(), "malformed_key");
  std::filesystem::remove_all(var());
  EXPECT_EQ(open_error(), "witness_key_missing");
  EXPECT_FALSE(std::filesystem::exists(var()));
  EXPECT_EQ(make_witness_key(var(), "a b").error().code, "malformed_key");
  EXPECT_FALSE(std::filesystem::exists(var()));
}

TEST_F(WitnessStoreTest, ANameThatNoGatewayTakesIsRefused) {
  const auto made = [&](const std::string& name) {
    const auto key = make_witness_key(var().parent_path() / "another", name);
    return key ? key->key().vkey() : key.error().code;
  };
  EXPECT_EQ(made(std::string(5'000, 'x')), "malformed_key");
  EXPECT_EQ(made(std::string(459, 'x')), "malformed_key");
  EXPECT_EQ(made("a\x7f"), "malformed_key");
  EXPECT_EQ(made("a\x01"), "malformed_key");
  EXPECT_EQ(made(std::string(458, 'x')).size(), 512U);
}

// Two heads that continue the same one: the second finds that another was cosigned.
TEST_F(WitnessStoreTest, LookingAndWritingAreOneStep) {
  open();
  for (std::uint64_t older = 0; older < 400; older += 4) {
    std::vector<std::string> bodies;
    for (std::uint64_t more = 1; more <= 4; ++more)
      bodies.push_back(to_text(log_.from(older, older + more)));
    std::atomic<int> cosigned{0};
    std::vector<std::thread> threads;
    for (const std::string& body : bodies) {
      threads.emplace_back([&, body] {
        if (store_->add(body).verdict == Verdict::cosigned) ++cosigned;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(cosigned, 1);
    const std::uint64_t last = size_after(log_.from(older, older + 4));
    ASSERT_EQ(add(log_.from(last, older + 4)), Verdict::cosigned);
  }
}

}  // namespace
}  // namespace menshen::audit
