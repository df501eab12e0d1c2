//! The search: tries one kind of step after another until none makes the input smaller.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

use super::ModelInput;
use super::number::{self, NumberSteps};
use super::size::{Size, Variants};
use super::tree::{self, ValuePath};

/// The settings of a search.
#[derive(Clone, Debug)]
pub struct ShrinkSettings {
    /// The enum variants that a text may be.
    pub variants: Variants,
    /// The most inputs to try.
    pub budget: usize,
    /// The number of inputs tried at once.
    pub batch: usize,
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct ShrinkResult {
    /// The smallest input with the same effect.
    pub input: ModelInput,
    /// The number of inputs that were tried.
    pub evaluations: usize,
    /// Whether every single step from the result was tried without success.
    pub is_minimal: bool,
}

/// Searches for a smaller input. `check` tells for each input whether it has the same effect as
/// `start`. Each input is tried once, and the same verdicts lead to the same result.
///
/// # Errors
///
/// Errors of `check`.
pub fn shrink<E>(
    start: &ModelInput,
    settings: &ShrinkSettings,
    check: impl FnMut(&[ModelInput]) -> Result<Vec<bool>, E>,
) -> Result<ShrinkResult, E> {
    let best = start.to_tree();
    let mut search = Search {
        size: Size::new(&best, &settings.variants),
        best,
        settings,
        check,
        tried: HashMap::new(),
        evaluations: 0,
        is_spent: false,
    };
    while search.pass()? && !search.is_spent {}
    Ok(ShrinkResult {
        input: ModelInput::from_tree(search.best),
        evaluations: search.evaluations,
        is_minimal: !search.is_spent,
    })
}

/// Paths shorter than this lead to the parts of every input: message and variables.
const FIXED: usize = 2;

struct Search<'a, F> {
    best: Value,
    size: Size,
    settings: &'a ShrinkSettings,
    check: F,
    /// Verdicts by the hash of an input.
    tried: HashMap<u64, bool>,
    evaluations: usize,
    is_spent: bool,
}

impl<E, F: FnMut(&[ModelInput]) -> Result<Vec<bool>, E>> Search<'_, F> {
    /// Tries every kind of step once. Returns whether any of them helped.
    fn pass(&mut self) -> Result<bool, E> {
        let before = self.size.clone();
        self.walk(|search, path, value| match value {
            Value::Array(_) | Value::Object(_) if !path.is_empty() => search.remove_parts(path),
            _ => Ok(()),
        })?;
        self.clear_leaves()?;
        self.walk(|search, path, value| match value {
            Value::Number(number) => {
                search.number(path, &Value::Number(number), |number| number)?;
                search.drop_element(path)
            }
            Value::String(text) => {
                search.text(path, &text)?;
                search.drop_element(path)
            }
            Value::Bool(_) => search.drop_element(path),
            _ => Ok(()),
        })?;
        Ok(self.size < before)
    }

    /// Visits all places, including those that change on the way.
    fn walk(
        &mut self,
        mut step: impl FnMut(&mut Self, &ValuePath, Value) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut place = Some(ValuePath::new());
        while let Some(path) = place {
            if self.is_spent {
                break;
            }
            // The contents of a container are not needed here.
            let value = match tree::at(&self.best, &path) {
                Some(Value::Array(_)) => Value::Array(Vec::new()),
                Some(Value::Object(_)) => Value::Object(serde_json::Map::new()),
                Some(leaf) => leaf.clone(),
                None => break,
            };
            step(self, &path, value)?;
            place = tree::next(&self.best, &path);
        }
        Ok(())
    }

    /// Removes parts: all, then halves, and so on down to single parts.
    fn remove_parts(&mut self, path: &ValuePath) -> Result<(), E> {
        while !self.is_spent {
            let Some(value) = tree::at(&self.best, path) else { return Ok(()) };
            let replacements = self.replacements(path, value);
            if !self.smallest(path, replacements)? {
                break;
            }
        }
        let mut chunk = usize::MAX;
        while !self.is_spent {
            let Some(value) = tree::at(&self.best, path).cloned() else { return Ok(()) };
            let parts = tree::parts(&value);
            chunk = chunk.min(parts / 2).max(1);
            let without = |gone: &[usize]| {
                tree::remove_where(&value, |part| gone.binary_search(&(part / chunk)).is_ok())
            };
            if parts > 0 && self.try_steps(parts.div_ceil(chunk), path, without)? {
                continue;
            }
            if chunk == 1 {
                break;
            }
            chunk /= 2;
        }
        Ok(())
    }

    /// Replacements for a container.
    fn replacements(&self, path: &ValuePath, value: &Value) -> Vec<Value> {
        let mut replacements = vec![tree::remove_where(value, |_| true)];
        if path.len() < FIXED || value.is_string() {
            return replacements;
        }
        replacements.push(Value::Null);
        match value {
            Value::Object(fields) => {
                replacements.extend(fields.values().filter(|inner| inner.is_object()).cloned());
                if let (1, Some((name, _))) = (fields.len(), fields.iter().next()) {
                    let simpler = self.settings.variants.simpler(name);
                    replacements.extend(simpler.into_iter().map(Value::from));
                }
            }
            Value::Array(items) => {
                replacements.extend(items.iter().filter(|inner| inner.is_array()).cloned());
            }
            _ => {}
        }
        replacements
    }

    /// Sets as many leaves as possible to their simplest value, across the whole input.
    fn clear_leaves(&mut self) -> Result<(), E> {
        let mut leaves = Vec::new();
        let mut place = Some(ValuePath::new());
        while let Some(path) = place {
            let clear = match tree::at(&self.best, &path) {
                Some(Value::Bool(true)) => Some(Value::Bool(false)),
                Some(Value::Number(_)) => Some(Value::from(0)),
                Some(Value::String(text)) => {
                    let simpler = self.settings.variants.simpler(text);
                    Some(Value::from(simpler.first().copied().unwrap_or_default()))
                }
                _ => None,
            };
            place = tree::next(&self.best, &path);
            leaves.extend(clear.map(|clear| (path, clear)));
        }
        let best = self.best.clone();
        let cleared = |which: &[usize]| {
            let mut input = best.clone();
            for &at in which {
                tree::put(&mut input, &leaves[at].0, leaves[at].1.clone());
            }
            input
        };
        self.try_steps(leaves.len(), &ValuePath::new(), cleared).map(|_| ())
    }

    /// Replaces an element of a list by `null`, if its type allows that.
    fn drop_element(&mut self, path: &ValuePath) -> Result<(), E> {
        let Some((_, outer)) = path.split_last() else { return Ok(()) };
        if !tree::at(&self.best, outer).is_some_and(Value::is_array) {
            return Ok(());
        }
        self.smallest(path, vec![Value::Null]).map(|_| ())
    }

    /// Moves a number towards zero. `write` turns a number into its value in the message.
    fn number(
        &mut self,
        path: &ValuePath,
        start: &Value,
        write: impl Fn(Value) -> Value,
    ) -> Result<(), E> {
        let mut start = start.clone();
        while let Value::Number(number) = &start {
            let simpler = number::simpler(number);
            if !self.smallest(path, simpler.iter().cloned().map(&write).collect())? {
                break;
            }
            let now = tree::at(&self.best, path);
            let Some(next) = simpler.into_iter().find(|next| now == Some(&write(next.clone())))
            else {
                return Ok(());
            };
            start = next;
        }
        let Value::Number(number) = &start else { return Ok(()) };
        let Some(steps) = NumberSteps::from_number(number) else { return Ok(()) };
        let (mut low, mut high) = (0, steps.count);
        while high - low > 1 && !self.is_spent {
            let quarter = (high - low) / 4;
            let middle = low + (high - low) / 2;
            let mut probes = vec![low + quarter, middle, middle + quarter];
            probes.retain(|&probe| low < probe && probe < high);
            probes.dedup();
            let inputs: Vec<Value> = probes
                .iter()
                .filter_map(|&probe| steps.at(probe))
                .map(|number| tree::with(&self.best, path, write(number)))
                .collect();
            let verdicts = self.evaluate(&inputs)?;
            match verdicts.iter().position(|does| *does) {
                Some(at) => {
                    high = probes[at];
                    low = if at > 0 { probes[at - 1] } else { low };
                    self.accept(inputs[at].clone());
                }
                None => low = probes.last().copied().unwrap_or(high),
            }
        }
        Ok(())
    }

    /// Makes a text shorter, then its characters simpler.
    fn text(&mut self, path: &ValuePath, text: &str) -> Result<(), E> {
        let simpler: Vec<Value> =
            self.settings.variants.simpler(text).into_iter().map(Value::from).collect();
        self.smallest(path, simpler)?;
        if let Some(Value::String(text)) = tree::at(&self.best, path)
            && let Ok(number @ Value::Number(_)) = serde_json::from_str(text)
        {
            self.number(path, &number, |number| Value::String(number.to_string()))?;
        }
        self.remove_parts(path)?;
        for simple in ['a', '0'] {
            while !self.is_spent {
                let Some(Value::String(text)) = tree::at(&self.best, path).cloned() else {
                    return Ok(());
                };
                let simplified = |which: &[usize]| {
                    let is_chosen = |at| which.binary_search(&at).is_ok();
                    let chars = text.chars().enumerate();
                    let chars = chars.map(|(at, c)| if is_chosen(at) { simple } else { c });
                    Value::String(chars.collect())
                };
                if !self.try_steps(text.chars().count(), path, simplified)? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Tries each of these values at a place. Accepts the smallest input of the first batch that
    /// contains one with the same effect.
    fn smallest(&mut self, path: &ValuePath, values: Vec<Value>) -> Result<bool, E> {
        let inputs: Vec<Value> =
            values.into_iter().map(|value| tree::with(&self.best, path, value)).collect();
        for batch in inputs.chunks(self.settings.batch.max(1)) {
            let verdicts = self.evaluate(batch)?;
            if self.accept_smallest(batch, &verdicts) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Tries independent steps one by one, then the successful ones together. `build` returns the
    /// value at the place after some of the steps, in ascending order.
    fn try_steps(
        &mut self,
        steps: usize,
        path: &ValuePath,
        build: impl Fn(&[usize]) -> Value,
    ) -> Result<bool, E> {
        let base = self.best.clone();
        let input = |steps: &[usize]| tree::with(&base, path, build(steps));
        let mut helpful = Vec::new();
        let mut step = 0;
        while step < steps && !self.is_spent {
            let end = (step + self.settings.batch.max(1)).min(steps);
            let inputs: Vec<Value> = (step..end).map(|step| input(&[step])).collect();
            let verdicts = self.evaluate(&inputs)?;
            helpful.extend((step..end).zip(verdicts).filter(|(_, does)| *does).map(|(at, _)| at));
            step = end;
        }
        if helpful.len() > 1 {
            let (front, back) = helpful.split_at(helpful.len() / 2);
            let together = [input(&helpful), input(front), input(back)];
            let verdicts = self.evaluate(&together)?;
            if self.accept_smallest(&together, &verdicts) {
                return Ok(true);
            }
        }
        let alone: Vec<Value> = helpful.iter().map(|&step| input(&[step])).collect();
        Ok(self.accept_smallest(&alone, &vec![true; alone.len()]))
    }

    fn accept_smallest(&mut self, inputs: &[Value], verdicts: &[bool]) -> bool {
        let good = inputs.iter().zip(verdicts).filter(|(_, does)| **does).map(|(input, _)| input);
        let smallest = good.min_by_key(|input| Size::new(input, &self.settings.variants)).cloned();
        smallest.is_some_and(|input| self.accept(input))
    }

    fn accept(&mut self, input: Value) -> bool {
        let size = Size::new(&input, &self.settings.variants);
        let is_smaller = size < self.size;
        if is_smaller {
            self.best = input;
            self.size = size;
        }
        is_smaller
    }

    /// Whether each input has the same effect. An input that is not smaller, or that exceeds the
    /// budget, does not count.
    fn evaluate(&mut self, inputs: &[Value]) -> Result<Vec<bool>, E> {
        let hashes: Vec<u64> = inputs.iter().map(hash).collect();
        let mut verdicts: Vec<Option<bool>> = Vec::with_capacity(inputs.len());
        let mut open: Vec<usize> = Vec::new();
        for (at, (input, hash)) in inputs.iter().zip(&hashes).enumerate() {
            if Size::new(input, &self.settings.variants) >= self.size {
                verdicts.push(Some(false));
                continue;
            }
            let known = self.tried.get(hash).copied();
            verdicts.push(known);
            if known.is_none() && !open.iter().any(|&other| hashes[other] == *hash) {
                open.push(at);
            }
        }
        let left = self.settings.budget - self.evaluations;
        if open.len() > left {
            self.is_spent = true;
            open.truncate(left);
        }
        for batch in open.chunks(self.settings.batch.max(1)) {
            let asked: Vec<ModelInput> =
                batch.iter().map(|&at| ModelInput::from_tree(inputs[at].clone())).collect();
            self.evaluations += asked.len();
            let found = (self.check)(&asked)?;
            for (&at, does) in batch.iter().zip(found) {
                self.tried.insert(hashes[at], does);
            }
        }
        Ok(verdicts
            .into_iter()
            .zip(hashes)
            .map(|(known, hash)| {
                known.unwrap_or_else(|| self.tried.get(&hash).copied().unwrap_or(false))
            })
            .collect())
    }
}

fn hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.to_string().hash(&mut hasher);
    hasher.finish()
}
