#include "ecloud/deploy/card_purchases.h"

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kMaxRecordBytes = 64 * 1024;

/// "billingapi.eigencloud.xyz" or "127.0.0.1-8545", as a folder's name.
std::string folder_of(const std::string& billing_url) {
  const std::size_t scheme = billing_url.find("://");
  std::string out = scheme == std::string::npos ? billing_url : billing_url.substr(scheme + 3);
  out = out.substr(0, out.find_first_of("/?#"));
  for (char& c : out) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '.') c = '-';
  }
  return out.empty() || out.front() == '.' ? "service-" + out : out;
}

CardPurchase read_record(const base::Json& document) {
  CardPurchase out;
  const base::Json account = document["account"];
  const auto address = eth::Address::parse(account.as_string());
  if (!address) throw account.error("is not an address");
  out.account = *address;
  out.cents = document["amountCents"].as_u64();
  out.card = document["card"].as_string();
  out.purchase_id = document["purchaseId"].as_string();
  out.checkout_url = document["checkoutUrl"].as_string();
  out.answered = document["answered"].as_bool();
  out.credits_before = document["creditsBefore"].as_double();
  out.started_at = document["startedAt"].as_i64();
  return out;
}

}  // namespace

CardPurchases::CardPurchases(const std::filesystem::path& state, const std::string& billing_url)
    : directory_(state / "card-purchases" / folder_of(billing_url)) {}

std::filesystem::path CardPurchases::file(const eth::Address& account) const {
  return directory_ / (account.to_string() + ".json");
}

base::FileLock CardPurchases::lock(const eth::Address& account) const {
  return base::FileLock(directory_ / (account.to_string() + ".lock"));
}

std::optional<CardPurchase> CardPurchases::unfinished(const eth::Address& account) const {
  const std::filesystem::path path = file(account);
  const auto text = base::read_file_if_exists(path, kMaxRecordBytes);
  if (!text) return std::nullopt;
  try {
    return read_record(base::Json::parse(*text, path.string()));
  } catch (const Error& error) {
    throw Error(Category::kFailure, "journal.damaged",
                "the record of a card purchase cannot be read: " + error.message(),
                "check ecloud billing status and the card's statement, then move " + path.string() +
                    " away");
  }
}

void CardPurchases::write(const CardPurchase& purchase) {
  const base::Json document = base::Json::object({{"version", 1},
                                                  {"account", purchase.account.to_string()},
                                                  {"amountCents", purchase.cents},
                                                  {"card", purchase.card},
                                                  {"purchaseId", purchase.purchase_id},
                                                  {"checkoutUrl", purchase.checkout_url},
                                                  {"answered", purchase.answered},
                                                  {"creditsBefore", purchase.credits_before},
                                                  {"startedAt", purchase.started_at}});
  base::write_file_atomic(file(purchase.account), document.pretty() + "\n", base::kPrivateFile);
}

void CardPurchases::remove(const eth::Address& account) {
  std::error_code ignored;
  std::filesystem::remove(file(account), ignored);
}

}  // namespace ecloud::deploy
