/**
 * Sets the class `has-script` on the page where the browser runs its modules, and `is-tv` on the page for a screen that people look at from the couch: a TV by its name, or a browser as large as one. It runs
 * before the page is drawn, so it is a plain script. The pages work without it.
 */
(function () {
  var NAMES_OF_TVS =
    /\bSMART-?TV\b|SmartTV|Web0S|NetCast|Tizen.*\bTV\b|\bTV\b.*Tizen|BRAVIA|\bAFT[A-Z]|CrKey|Google ?TV|Android TV|HbbTV|VIDAA|Roku|PhilipsTV|AppleTV|PlayStation|Xbox|Nintendo/i;
  if ("noModule" in HTMLScriptElement.prototype) document.documentElement.classList.add("has-script");
  var isTvByName = NAMES_OF_TVS.test(navigator.userAgent);
  var largeScreen = matchMedia("(min-width: 1600px) and (min-height: 800px)");
  function look() {
    document.documentElement.classList.toggle("is-tv", isTvByName || largeScreen.matches);
  }
  look();
  largeScreen.addEventListener("change", look);

  // A TV that opens the start page is led to the launcher, where phones choose. Links of this server lead to the start page itself.
  var isStart = document.currentScript.hasAttribute("data-start") && location.search === "";
  var isFromHere = document.referrer.indexOf(location.origin + "/") === 0;
  if (isTvByName && isStart && !isFromHere) location.replace(new URL("tv", document.currentScript.src));
})();
