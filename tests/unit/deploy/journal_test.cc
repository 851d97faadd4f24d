#include "ecloud/deploy/journal.h"

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/deploy/app_records.h"
#include "support/catch.h"
#include "unit/deploy/deploy_support.h"

using namespace ecloud;
using deploy::Journal;
using deploy::JournalEntry;
using deploy::Step;

namespace {

const auto kDeployer = *eth::Address::parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
const auto kOther = *eth::Address::parse("0x1111111111111111111111111111111111111111");

JournalEntry entry(const eth::Address& app, std::int64_t created_at) {
  JournalEntry out;
  out.deployer = kDeployer;
  out.app = app;
  out.salt[31] = 7;
  out.name = "hello";
  out.wallet = deploy::WalletSource::kKms;
  out.image_reference = "docker.io/me/app:1";
  out.image_name = "docker.io/me/app";
  out.image_digest = "sha256:" + std::string(64, 'a');
  out.instance_type = "g1-standard-4t";
  out.log_visibility = "private";
  out.folder = "/home/me/app";
  out.chain_id = 11155111;
  out.nonce = 9;
  out.gas_limit = 1'000'000;
  out.max_cost_wei = "12345678901234567890";
  out.raw_transaction = {2, 1, 0};
  out.transaction_hash[0] = 0xab;
  out.created_at = created_at;
  return out;
}

}  // namespace

TEST_CASE("An unfinished deployment is found again, whole", "[deploy][journal]") {
  testing::TempDir home;
  Journal journal(home.path(), "sepolia");
  journal.write(entry(testing::test_app(), 100));
  const auto found = journal.unfinished(kDeployer, "hello", "docker.io/me/app:1");
  REQUIRE(found);
  CHECK(found->step == Step::kSigned);
  CHECK(found->app == testing::test_app());
  CHECK(found->salt[31] == 7);
  CHECK(found->wallet == deploy::WalletSource::kKms);
  CHECK(found->nonce == 9);
  CHECK(found->max_cost_wei == "12345678901234567890");
  CHECK(found->raw_transaction == base::Bytes{2, 1, 0});
  CHECK(found->transaction_hash[0] == 0xab);
  CHECK(found->folder == "/home/me/app");
}

TEST_CASE("What is done, abandoned or somebody else's is not taken up", "[deploy][journal]") {
  testing::TempDir home;
  Journal journal(home.path(), "sepolia");
  JournalEntry one = entry(testing::test_app(), 100);
  SECTION("done") {
    one.step = Step::kDone;
    journal.write(one);
    CHECK_FALSE(journal.unfinished(kDeployer, "hello", one.image_reference));
  }
  SECTION("abandoned") {
    one.step = Step::kAbandoned;
    journal.write(one);
    CHECK_FALSE(journal.unfinished(kDeployer, "hello", one.image_reference));
  }
  SECTION("another account") {
    journal.write(one);
    CHECK_FALSE(journal.unfinished(kOther, "hello", one.image_reference));
  }
  SECTION("another name") {
    journal.write(one);
    CHECK_FALSE(journal.unfinished(kDeployer, "hullo", one.image_reference));
  }
  SECTION("another environment") {
    journal.write(one);
    CHECK_FALSE(
        Journal(home.path(), "mainnet-alpha").unfinished(kDeployer, "hello", one.image_reference));
  }
}

TEST_CASE("The newest of several unfinished deployments goes on", "[deploy][journal]") {
  testing::TempDir home;
  Journal journal(home.path(), "sepolia");
  journal.write(entry(testing::test_app(), 200));
  journal.write(entry(kOther, 100));
  CHECK(journal.unfinished(kDeployer, "hello", "")->app == testing::test_app());
}

TEST_CASE("Deployments without a name are told apart by their image", "[deploy][journal]") {
  testing::TempDir home;
  Journal journal(home.path(), "sepolia");
  JournalEntry nameless = entry(testing::test_app(), 100);
  nameless.name.clear();
  journal.write(nameless);
  CHECK(journal.unfinished(kDeployer, "", "docker.io/me/app:1"));
  CHECK_FALSE(journal.unfinished(kDeployer, "", "docker.io/me/app:2"));
}

TEST_CASE("Every operation has a file of its own, and changes are found by account and app",
          "[deploy][journal]") {
  testing::TempDir home;
  Journal journal(home.path(), "sepolia");
  using deploy::Operation;
  std::int64_t time = 100;
  for (const Operation operation : {Operation::kDeploy, Operation::kUpgrade, Operation::kStart,
                                    Operation::kStop, Operation::kTerminate}) {
    JournalEntry one = entry(testing::test_app(), time++);
    one.operation = operation;
    journal.write(one);
  }
  JournalEntry undelegate = entry(eth::Address(), time++);
  undelegate.operation = Operation::kUndelegate;
  journal.write(undelegate);
  JournalEntry foreign = entry(testing::test_app(), time++);
  foreign.operation = Operation::kStop;
  foreign.deployer = kOther;
  journal.write(foreign);
  CHECK(journal.all().size() == 7);
  CHECK(journal.all().front().operation == Operation::kDeploy);

  const auto open = journal.open_changes(kDeployer, testing::test_app());
  REQUIRE(open.size() == 4);
  CHECK(open[0].operation == Operation::kUpgrade);
  CHECK(open[3].operation == Operation::kTerminate);
  CHECK(journal.open_changes(kDeployer, eth::Address()).size() == 1);
  CHECK(journal.unfinished(kDeployer, "hello", "")->operation == Operation::kDeploy);

  JournalEntry done = open[0];
  done.step = Step::kDone;
  journal.write(done);
  CHECK(journal.open_changes(kDeployer, testing::test_app()).size() == 3);
  CHECK(journal.all().size() == 7);
}

TEST_CASE("Purchases are kept each by itself, and found by who pays", "[deploy][journal]") {
  testing::TempDir home;
  Journal journal(home.path(), "credits-1");
  const auto purchase = [](std::uint8_t number) {
    JournalEntry out = entry(eth::Address(), 100 + number);
    out.operation = deploy::Operation::kPurchase;
    out.transaction_hash.fill(number);
    out.purchase =
        deploy::Purchase{kOther, testing::test_app(),
                         *eth::U256::from_decimal("340282366920938463463374607431768211456"), 12.5};
    return out;
  };
  for (const std::uint8_t number : {3, 1, 2, 4, 5}) journal.write(purchase(number));
  JournalEntry mined = purchase(2), done = purchase(3), abandoned = purchase(4);
  mined.step = Step::kMined;
  mined.purchase->credits_before.reset();
  done.step = Step::kDone;
  abandoned.step = Step::kAbandoned;
  JournalEntry foreign = purchase(5);
  foreign.deployer = kOther;
  for (const JournalEntry& one : {mined, done, abandoned, foreign}) journal.write(one);

  const auto open = journal.open_purchases(kDeployer);
  REQUIRE(open.size() == 2);
  CHECK(open[0].transaction_hash[0] == 1);
  CHECK(open[0].purchase->account == kOther);
  CHECK(open[0].purchase->token == testing::test_app());
  CHECK(open[0].purchase->amount.to_decimal() == "340282366920938463463374607431768211456");
  CHECK(open[0].purchase->credits_before == 12.5);
  CHECK(open[1].step == Step::kMined);
  CHECK_FALSE(open[1].purchase->credits_before);
  CHECK(journal.open_changes(kDeployer, eth::Address()).empty());
  CHECK_FALSE(journal.unfinished(kDeployer, "hello", ""));
  CHECK(Journal(home.path(), "credits-11155111").open_purchases(kDeployer).empty());
}

TEST_CASE("A damaged record of a purchase names its transaction", "[deploy][journal]") {
  testing::TempDir home;
  Journal journal(home.path(), "credits-1");
  JournalEntry one = entry(eth::Address(), 100);
  one.operation = deploy::Operation::kPurchase;
  one.purchase = deploy::Purchase{};
  journal.write(one);
  const auto file = std::filesystem::directory_iterator(home / "journal/credits-1")->path();
  CHECK(file.filename().string() == "purchase-0xab" + std::string(62, '0') + ".json");
  const std::string good = testing::slurp(file);
  for (const std::string& bad : {std::string("{"), std::string("{}"), good.substr(0, 40)}) {
    base::write_file_atomic(file, bad, base::kPrivateFile);
    try {
      journal.open_purchases(kDeployer);
      FAIL("a damaged journal was read");
    } catch (const Error& error) {
      CHECK(error.code() == "journal.damaged");
      CHECK(error.hint().find(file.string()) != std::string::npos);
      CHECK(error.hint().find("its name holds the hash of the transaction") != std::string::npos);
    }
  }
}

TEST_CASE("A damaged journal stops everything and names the file", "[deploy][journal]") {
  testing::TempDir home;
  Journal journal(home.path(), "sepolia");
  journal.write(entry(testing::test_app(), 100));
  const auto file = home.path() / "journal/sepolia" / (testing::test_app().to_string() + ".json");
  CHECK(std::filesystem::status(file).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  base::write_file_atomic(file, testing::slurp(file).substr(0, 40), base::kPrivateFile);
  try {
    journal.unfinished(kDeployer, "hello", "");
    FAIL("a damaged journal was read");
  } catch (const Error& error) {
    CHECK(error.code() == "journal.damaged");
    CHECK(error.hint().find(file.string()) != std::string::npos);
  }
}

TEST_CASE("Apps are remembered by name and folder, a damaged record is left out",
          "[deploy][records]") {
  testing::TempDir home;
  deploy::AppRecords records(home.path(), "sepolia");
  deploy::AppRecord first;
  first.app = kOther;
  first.name = "hello";
  first.deployer = kDeployer;
  first.folder = "/a";
  first.evm_address = kOther.to_string();
  first.created_at = 100;
  deploy::AppRecord second = first;
  second.app = testing::test_app();
  second.created_at = 200;
  records.save(second);
  records.save(first);
  home.write("apps/sepolia/garbage.json", "{");
  const auto all = records.all();
  REQUIRE(all.size() == 2);
  CHECK(all[0].app == kOther);
  CHECK(all[1].app == testing::test_app());
  CHECK(records.named("hello", kDeployer).size() == 2);
  CHECK(records.named("hello", kOther).empty());
  CHECK(records.find(kOther)->folder == "/a");
  CHECK(records.find(kOther)->evm_address == kOther.to_string());
  CHECK_FALSE(records.find(kDeployer));
}

TEST_CASE("What a rollback puts back is kept with it", "[deploy][journal]") {
  testing::TempDir home;
  Journal journal(home.path(), "sepolia");
  JournalEntry rollback = entry(testing::test_app(), 100);
  rollback.operation = deploy::Operation::kRollback;
  rollback.restored = deploy::RestoredRelease{3, 9'000'001};
  journal.write(rollback);
  const auto open = journal.open_changes(kDeployer, testing::test_app());
  REQUIRE(open.size() == 1);
  CHECK(open[0].operation == deploy::Operation::kRollback);
  REQUIRE(open[0].restored);
  CHECK(open[0].restored->id == 3);
  CHECK(open[0].restored->block == 9'000'001);
}

TEST_CASE("Every operation has a word that leads back to it", "[deploy][journal]") {
  using deploy::Operation;
  for (const Operation one :
       {Operation::kDeploy, Operation::kUpgrade, Operation::kStart, Operation::kStop,
        Operation::kTerminate, Operation::kUndelegate, Operation::kPurchase, Operation::kGrant,
        Operation::kRevoke, Operation::kAccept, Operation::kRollback}) {
    CHECK(deploy::operation_of(deploy::to_string(one)) == one);
    CHECK_FALSE(deploy::infinitive(one).empty());
  }
  CHECK(deploy::concerns_platform(Operation::kRollback));
  CHECK_FALSE(deploy::concerns_platform(Operation::kGrant));
}

TEST_CASE("A record knows which releases had its wallet", "[deploy][journal]") {
  testing::TempDir home;
  deploy::AppRecords records(home.path(), "sepolia");
  deploy::AppRecord record;
  record.app = testing::test_app();
  record.deployer = kDeployer;
  record.releases = {10, 12};
  records.save(record);
  const auto found = records.find(testing::test_app());
  REQUIRE(found);
  CHECK(found->made_with_this_wallet(10));
  CHECK(found->made_with_this_wallet(12));
  CHECK_FALSE(found->made_with_this_wallet(11));
}
