"use strict";
// The page in another of its languages: the data of the page hold what differs, the body lies ready.
// A link says the language, and the page opens anew in it: every part is built once, from words.
phusong.languages = {};

// The language that a link asks for; that of the page where it asks for none that is there.
phusong.languages.asked = function (data) {
  const asked = /[#&]lang=([\w-]+)/.exec(location.hash);
  return asked && data.others && Object.hasOwn(data.others, asked[1]) ? asked[1] : data.language;
};

// Bring the data and the body of the page into the language asked for.
phusong.languages.read = function (data) {
  this.first = data.language;
  const language = this.asked(data);
  if (language === data.language) return data;
  const body = document.querySelector(`template[data-language="${language}"]`);
  document.getElementById("page").replaceChildren(body.content);
  document.title = body.dataset.title;
  document.documentElement.lang = language;
  return this.merged(data, data.others[language]);
};

phusong.languages.merged = function (first, other) {
  const plain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  if (!plain(first) || !plain(other)) return other;
  const both = { ...first };
  for (const [key, value] of Object.entries(other)) both[key] = key in first ? this.merged(first[key], value) : value;
  return both;
};

phusong.languages.start = function () {
  for (const button of document.querySelectorAll("[data-language]:not(template)")) {
    button.addEventListener("click", () => this.choose(button.dataset.language));
  }
};

phusong.languages.choose = function (language) {
  if (language === phusong.data.language) return;
  phusong.data.language = language;
  phusong.permalink.now();
  location.reload();
};
