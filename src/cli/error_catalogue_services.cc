#include "cli/error_catalogue.h"

namespace ecloud::cli {
namespace {

constexpr auto kFailure = Category::kFailure;
constexpr auto kUsage = Category::kUsage;
constexpr auto kImage = Category::kImage;
constexpr auto kCredentials = Category::kCredentials;
constexpr auto kNotFound = Category::kNotFound;
constexpr auto kNetwork = Category::kNetwork;
constexpr auto kPending = Category::kPending;

std::vector<ErrorEntry> network_errors() {
  return {
      {"net.closed",
       {kNetwork},
       "A connection was closed before the answer was complete.",
       "The service restarted, or a proxy or firewall cut the connection.",
       "Try again in a moment."},
      {"net.header",
       {kUsage},
       "A header of a request would hold a line break.",
       "A value that goes into a header, such as a registry's password, has one.",
       "Remove the line break from the value."},
      {"net.insecure",
       {kUsage},
       "A request would go to another machine over plain http.",
       "Everybody on the way could read and change it.",
       "Use https, or give --allow-http when the network in between is yours."},
      {"net.memory",
       {kFailure},
       "There was no memory left for a request.",
       "The machine or the container is out of memory.",
       "Give it more, and try again."},
      {"net.no_libcurl",
       {kFailure},
       "libcurl cannot be used.",
       "It is opened when the first request is made, and is not installed or too old.",
       "On Debian and Ubuntu: apt-get install libcurl4."},
      {"net.protocol",
       {kNetwork},
       "A server's answer is no HTTP that can be read.",
       "The URL leads to another kind of server, or something in between garbles the answer.",
       "Check the URL and your proxy."},
      {"net.redirect_refused",
       {kNetwork},
       "A redirect was not followed.",
       "It leads to plain http, to a private address, or in a circle.",
       "Check the URL; a login page of the network is a common reason."},
      {"net.refused",
       {kNetwork},
       "No connection could be made.",
       "Nothing listens there, or a firewall is in the way.",
       "Check the URL and your network: `ecloud doctor`."},
      {"net.resolve",
       {kNetwork},
       "The name of a host is unknown.",
       "There is no network or no DNS, the name is mistyped, or the proxy's name is wrong.",
       "Check the URL and your network: `ecloud doctor`."},
      {"net.timeout",
       {kNetwork},
       "A server did not answer in time.",
       "It is overloaded or unreachable, or a firewall drops what is sent.",
       "Try again in a moment; `ecloud doctor` measures each service."},
      {"net.tls",
       {kNetwork},
       "No secure connection could be made.",
       "The clock of this machine is wrong, the certificates are missing (ca-certificates), or a "
       "proxy puts its own certificate in.",
       "Check the clock; name the certificates of your proxy with SSL_CERT_FILE."},
      {"net.too_large",
       {kNetwork},
       "An answer is larger than it can be.",
       "Another kind of server answered.",
       "Check the URL."},
      {"net.url",
       {kUsage},
       "A URL cannot be used.",
       "It is malformed, or neither https nor http.",
       "Write it as https://HOST/PATH."},
  };
}

std::vector<ErrorEntry> platform_errors() {
  return {
      {"billing.failed",
       {kNetwork},
       "The billing service answered with an error.",
       "It is down, or does not know this kind of request.",
       "Try again in a moment."},
      {"billing.forbidden",
       {kCredentials},
       "The billing service refused the signature.",
       "The clock of this machine is wrong, or the key is another one than you think.",
       "Check the key with `ecloud auth whoami` and the clock with `ecloud doctor`."},
      {"billing.not_cancelled",
       {kFailure},
       "The cancellation was taken, and the subscription does not show it.",
       "The billing service takes a moment, or something went wrong on its side.",
       "Look again in a moment: `ecloud billing status`."},
      {"billing.overdue",
       {kFailure},
       "A payment is due.",
       "Apps may be suspended until it is settled.",
       "Settle it at the portal that the hint names."},
      {"billing.still_pending",
       {kPending},
       "The subscription is not active yet.",
       "Nobody has paid at the checkout page, or the payment takes its time.",
       "Pay there, then look again: `ecloud billing status`."},
      {"kms.signature",
       {Category::kVerification},
       "The addresses of an app are not signed by the platform's KMS.",
       "The server is not the platform's, or the environment's kmsSigningKey is wrong.",
       "Send nothing to these addresses."},
      {"kms.wrong_app",
       {Category::kVerification},
       "The server gave the addresses of another app than it was asked for.",
       "The server is broken, or not the platform's.",
       "Send nothing to these addresses."},
      {"userapi.failed",
       {kNetwork},
       "The platform's API answered with an error.",
       "It is down or overloaded.",
       "Try again in a moment; `ecloud doctor` shows the services."},
      {"userapi.forbidden",
       {kCredentials},
       "The platform's API does not let this key see that.",
       "Another key deployed the app, or the clock of this machine is wrong: signatures expire "
       "after minutes.",
       "Use the key that deployed the app; check the clock with `ecloud doctor`."},
      {"userapi.not_found",
       {kNotFound},
       "The platform's API does not know that.",
       "The app is in another environment, or too new to be known yet.",
       "See yours with `ecloud compute app list`; check --environment."},
      {"userapi.provisioning",
       {kPending},
       "The machine of the app is still being set up.",
       "There are no logs before it runs.",
       "Try again in a moment."},
  };
}

std::vector<ErrorEntry> image_errors() {
  return {
      {"image.credential_helper",
       {kCredentials},
       "A credential helper that Docker's configuration names failed.",
       "docker-credential-… is not installed, or its keyring is locked.",
       "Run it by hand, or remove it from Docker's config.json."},
      {"image.digest_mismatch",
       {kImage},
       "The bytes of the image are not those of its digest.",
       "The registry, or something on the way to it, changed the image.",
       "Do not deploy it; push it again to a registry that you trust."},
      {"image.docker_config",
       {kUsage},
       "Docker's config.json cannot be read.",
       "It is damaged, or has another shape.",
       "Repair it, or write it anew with: docker login."},
      {"image.invalid_reference",
       {kUsage},
       "What was given for an image is no reference.",
       "A reference is HOST/NAME:TAG or HOST/NAME@sha256:…, in lower case.",
       "Correct it; example: docker.io/you/my-app:1."},
      {"image.not_an_image",
       {kImage},
       "What the reference names is no image that can run.",
       "It is an artifact, an index of indexes, or the host is a web site and no registry.",
       "Check the reference, and what was pushed there."},
      {"image.not_found",
       {kNotFound},
       "There is no such image or tag in the registry.",
       "It was not pushed, or the name or tag is mistyped.",
       "Push it, or correct the reference."},
      {"image.platform",
       {kImage},
       "The image does not run on linux/amd64.",
       "It was built on an ARM machine for that machine alone.",
       "Build it for the platform: docker buildx build --platform linux/amd64 --push -t NAME ."},
      {"image.registry_failed",
       {kNetwork},
       "The registry answered with an error.",
       "It is down, limits the number of pulls, or asks for a login in a way that is not safe.",
       "Try again later; a login raises the limit of Docker Hub: docker login."},
      {"image.unauthorized",
       {kCredentials},
       "The registry does not let you read the image.",
       "It is private, does not exist, or your login has expired. The platform pulls public images "
       "alone.",
       "Make the image public; to read it here: docker login HOST."},
  };
}

}  // namespace

std::vector<ErrorEntry> service_errors() {
  std::vector<ErrorEntry> all = network_errors();
  for (const auto part : {platform_errors, image_errors}) {
    for (ErrorEntry& entry : part()) all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace ecloud::cli
