#include "ecloud/deploy/purchase_journal.h"

#include <fstream>

#include "ecloud/base/error.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::deploy {
namespace {

PurchaseEntry sample(std::uint64_t nonce) {
  PurchaseEntry entry;
  entry.payer = *eth::Address::parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  entry.account = *eth::Address::parse("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
  entry.token = *eth::Address::parse("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48");
  entry.amount = *eth::U256::from_decimal("340282366920938463463374607431768211456");
  entry.chain_id = 1;
  entry.nonce = nonce;
  entry.gas_limit = 174'734;
  entry.maximum_cost = eth::U256(524'202'000'000'000);
  entry.raw_transaction = {0x04, 0xff, 0x00};
  entry.transaction_hash.fill(static_cast<std::uint8_t>(nonce));
  entry.created_at = 1'800'000'000;
  entry.credits_before = 12.5;
  return entry;
}

TEST_CASE("a purchase is read as it was written", "[deploy]") {
  testing::TempDir directory;
  PurchaseJournal journal(directory.path(), 1);
  journal.write(sample(7));
  const auto open = journal.open(sample(7).payer);
  REQUIRE(open.size() == 1);
  const PurchaseEntry& read = open[0];
  CHECK(read.step == Step::kSigned);
  CHECK(read.account == sample(7).account);
  CHECK(read.token == sample(7).token);
  CHECK(read.amount == sample(7).amount);
  CHECK(read.nonce == 7);
  CHECK(read.gas_limit == 174'734);
  CHECK(read.maximum_cost == sample(7).maximum_cost);
  CHECK(read.raw_transaction == sample(7).raw_transaction);
  CHECK(read.transaction_hash == sample(7).transaction_hash);
  CHECK(read.created_at == 1'800'000'000);
  CHECK(read.credits_before == 12.5);
  PurchaseEntry unasked = sample(8);
  unasked.credits_before.reset();
  journal.write(unasked);
  CHECK_FALSE(journal.open(unasked.payer)[1].credits_before);
}

TEST_CASE("purchases are open until they are done or abandoned", "[deploy]") {
  testing::TempDir directory;
  PurchaseJournal journal(directory.path(), 1);
  const auto payer = sample(1).payer;
  CHECK(journal.open(payer).empty());
  for (const std::uint64_t nonce : {3, 1, 2, 4}) journal.write(sample(nonce));
  PurchaseEntry mined = sample(2), done = sample(3), abandoned = sample(4);
  mined.step = Step::kMined;
  done.step = Step::kDone;
  abandoned.step = Step::kAbandoned;
  for (const PurchaseEntry& entry : {mined, done, abandoned}) journal.write(entry);
  const auto open = journal.open(payer);
  REQUIRE(open.size() == 2);
  CHECK(open[0].nonce == 1);
  CHECK(open[1].nonce == 2);
  CHECK(open[1].step == Step::kMined);
  CHECK(journal.open(sample(1).account).empty());
  CHECK(PurchaseJournal(directory.path(), 11155111).open(payer).empty());
}

TEST_CASE("a damaged journal of purchases stops instead of being left out", "[deploy]") {
  testing::TempDir directory;
  PurchaseJournal journal(directory.path(), 1);
  journal.write(sample(1));
  const auto file = std::filesystem::directory_iterator(directory / "purchases/1")->path();
  const std::string good = testing::slurp(file);
  for (const std::string& bad :
       {std::string("{"), std::string("{}"), good.substr(0, good.size() / 2)}) {
    std::ofstream(file) << bad;
    try {
      journal.open(sample(1).payer);
      FAIL("read");
    } catch (const Error& error) {
      CHECK(error.code() == "journal.damaged");
      CHECK(error.category() == Category::kFailure);
      CHECK(error.hint().find(file.string()) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace ecloud::deploy
