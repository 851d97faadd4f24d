// Every member of every answer of the billing service, in every shape that a server may give it,
// through every command that reads it: a member costs at most itself.

#include <functional>
#include <set>

#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// A member of an answer, and the members of the command's output that it may change.
struct Field {
  std::string name;
  std::set<std::string> shown;
  bool required = false;  ///< without it the command fails, naming it
};

/// An answer, with the commands that read it.
struct Answer {
  std::string kind;  ///< of the requests that get it
  std::string body;
  std::string list;  ///< the fields are those of the first element of this member; empty: its own
  std::vector<Field> fields;
  std::vector<Words> commands;
};

constexpr char kSubscription[] =
    R"({"productId":"compute","subscriptionStatus":"active","currentPeriodStart":"2026-07-01T00:00:00Z",)"
    R"("currentPeriodEnd":"2026-08-01T00:00:00Z","lineItems":[{"description":"vCPU / month",)"
    R"("price":0.1,"quantity":20,"currency":"usd","subtotal":2}],"upcomingInvoiceSubtotal":2,)"
    R"("upcomingInvoiceTotal":1.5,"creditsApplied":0.5,"remainingCredits":7.25,)"
    R"("nextCreditExpiry":1800000000,"cancelAtPeriodEnd":true,"canceledAt":"2026-07-02T00:00:00Z",)"
    R"("portalUrl":"https://billing.stripe.com/p/session/x"})";

std::vector<Answer> answers() {
  const Words status = {"billing", "status", "--json"};
  const Words subscribe = {"billing", "subscribe", "--json"};
  const Words cancel = {"billing", "cancel", "--yes", "--json"};
  const Words plan = {"billing",  "top-up", "--method",  "card",
                      "--amount", "50",     "--dry-run", "--json"};
  const Words buy = {"billing",  "top-up", "--method", "card",      "--card", "new",
                     "--amount", "50",     "--yes",    "--no-wait", "--json"};
  const std::vector<Words> subscription = {status, subscribe, cancel, plan};
  return {
      {"billing:/subscription",
       kSubscription,
       "",
       {{"productId", {}},
        {"subscriptionStatus", {"status", "active", "canceled", "activeApps"}, true},
        {"currentPeriodStart", {"periodStart"}},
        {"currentPeriodEnd", {"periodEnd"}},
        {"lineItems", {"lineItems"}},
        {"upcomingInvoiceSubtotal", {"upcomingSubtotal"}},
        {"upcomingInvoiceTotal", {"upcomingTotal"}},
        {"creditsApplied", {"creditsApplied"}},
        {"remainingCredits", {"remainingCredits"}},
        {"nextCreditExpiry", {"nextCreditExpiry"}},
        {"cancelAtPeriodEnd", {"cancelAtPeriodEnd", "canceled"}},
        {"canceledAt", {"canceledAt", "canceled"}},
        {"portalUrl", {"portalUrl"}}},
       subscription},
      {"billing:/subscription",
       kSubscription,
       "lineItems",
       {{"description", {"lineItems"}},
        {"price", {"lineItems"}},
        {"quantity", {"lineItems"}},
        {"currency", {"lineItems"}},
        {"subtotal", {"lineItems"}}},
       {status}},
      {"billing:/credits",
       R"({"remainingCredits":7.25,"permanentCredits":5,"promotionalCredits":2.25,)"
       R"("nextPromotionalCreditExpiry":1800000000})",
       "",
       {{"remainingCredits", {}},
        {"permanentCredits", {"permanentCredits"}},
        {"promotionalCredits", {"promotionalCredits"}},
        {"nextPromotionalCreditExpiry", {"nextPromotionalCreditExpiry"}}},
       {status}},
      {"billing:/cards",
       R"({"paymentMethods":[{"id":"card-1","stripePaymentMethodId":"pm_1",)"
       R"("createdAt":"2026-07-01T00:00:00Z","brand":"visa","last4":"4242"}]})",
       "paymentMethods",
       {{"id", {"cards", "card"}},
        {"stripePaymentMethodId", {}},
        {"createdAt", {"cards"}},
        {"brand", {"cards", "card"}},
        {"last4", {"cards", "card"}}},
       {{"billing", "cards", "--json"}, plan}},
      {"billing:/purchase",
       R"({"checkoutSessionId":"cs_1","checkoutUrl":"https://checkout.stripe.com/c/pay/cs_1",)"
       R"("amountCents":"5000"})",
       "",
       {{"checkoutSessionId", {}}, {"checkoutUrl", {"checkoutUrl"}, true}, {"amountCents", {}}},
       {buy}},
      {"billing:/coupons",
       R"({"amountCents":"2500"})",
       "",
       {{"amountCents", {"amount"}}},
       {{"billing", "redeem", "CODE", "--json"}}},
  };
}

std::string snake_case(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper) out.push_back('_');
    out.push_back(upper ? static_cast<char>(c + 32) : c);
  }
  return out;
}

std::string capitalised(std::string name) {
  if (name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 32);
  return name;
}

/// What happens to a member: another name, another value, or nothing left of it.
struct Mutation {
  std::string what;
  bool same = false;  ///< says the same in another way, so that the output stays as it is
  std::function<void(base::Json&, const std::string& name, const base::Json& value)> add;
};

std::vector<Mutation> mutations() {
  using base::Json;
  const auto with = [](Json other) {
    return [other](Json& out, const std::string& name, const Json&) { out.set(name, other); };
  };
  return {
      {"snake_case", true,
       [](Json& out, const std::string& name, const Json& v) { out.set(snake_case(name), v); }},
      {"capitalised", true,
       [](Json& out, const std::string& name, const Json& v) { out.set(capitalised(name), v); }},
      {"as text", true,
       [](Json& out, const std::string& name, const Json& v) {
         const bool plain = v.is_number() || v.is_bool();
         out.set(name, plain ? Json(v.dump()) : v);
       }},
      {"text as a number", true,
       [](Json& out, const std::string& name, const Json& v) {
         const bool digits = v.is_string() && !v.as_string().empty() &&
                             v.as_string().find_first_not_of("0123456789") == std::string::npos;
         out.set(name, digits ? Json::parse(v.as_string(), "test") : v);
       }},
      {"missing", false, [](Json&, const std::string&, const Json&) {}},
      {"null", false, with(nullptr)},
      {"a list", false, with(Json::strings({"a", "b"}))},
      {"an object", false, with(Json::object({{"amount", 1}}))},
      {"words", false, with("n/a")},
      {"empty text", false, with("")},
      {"a huge number", false, with(1e300)},
      {"a list of null", false, with(Json::array({Json()}))},
  };
}

base::Json mutated(const base::Json& document, const std::string& field, const Mutation& mutation) {
  base::Json out = base::Json::object({{"anUnknownMember", 1}});
  for (const auto& [name, value] : document.members()) {
    if (name == field) {
      mutation.add(out, name, value);
    } else {
      out.set(name, value);
    }
  }
  return out;
}

std::string body_with(const Answer& answer, const std::string& field, const Mutation& mutation) {
  const base::Json document = base::Json::parse(answer.body, "test");
  if (answer.list.empty()) return mutated(document, field, mutation).dump();
  base::Json out = document;
  out.set(answer.list, base::Json::array({mutated(document[answer.list].at(0), field, mutation)}));
  return out.dump();
}

RunResult run_with(World& world, const Answer& answer, const std::string& body,
                   const Words& command) {
  world.devnet.clear_faults();
  std::filesystem::remove_all(world.user.state() / "card-purchases");
  // The other answers are as they should be.
  for (const Answer& other : answers()) {
    world.devnet.add_fault({.kind = other.kind,
                            .action = devnet::FaultAction::kBody,
                            .times = 0,
                            .body = other.kind == answer.kind ? body : other.body});
  }
  return world.user.run(command);
}

}  // namespace

TEST_CASE("A member of a billing answer costs at most itself", "[e2e][billing][fields]") {
  World world;
  std::size_t cases = 0;
  for (const Answer& answer : answers()) {
    for (const Words& command : answer.commands) {
      const RunResult plain = run_with(world, answer, answer.body, command);
      INFO(answer.kind << " " << plain.describe());
      REQUIRE(plain.code == 0);
      const base::Json expected = plain.json();
      for (const Field& field : answer.fields) {
        for (const Mutation& mutation : mutations()) {
          const std::string body = body_with(answer, field.name, mutation);
          const RunResult run = run_with(world, answer, body, command);
          INFO(command[1] << ": " << field.name << ": " << mutation.what << "\n"
                          << body << "\n"
                          << run.describe());
          ++cases;
          if (field.required && !mutation.same && run.code != 0) {
            CHECK(run.code == 7);
            // `subscribe` asks for a checkout page when it cannot read that nothing is due.
            const std::string message = run.error()["message"].as_string();
            const bool names_it = message.find(field.name) != std::string::npos;
            CHECK((names_it || message.find("checkoutUrl") != std::string::npos));
            continue;
          }
          REQUIRE(run.code == 0);
          const base::Json shown = run.json();
          for (const auto& [name, value] : expected.members()) {
            if (!mutation.same && field.shown.contains(name)) continue;
            INFO(name);
            CHECK(shown[name].equals(value));
          }
        }
      }
    }
  }
  WARN(cases << " cases");
  CHECK(cases >= 900);
}
